#include "engine/events/recording.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace rondo {

Result<Recording> readRecording(const std::string& file) {
    const auto close = [](std::FILE* f) { std::fclose(f); };
    const std::unique_ptr<std::FILE, decltype(close)> input(std::fopen(file.c_str(), "rb"), close);
    if (!input) return Problem{file, std::string("can't be opened: ") + std::strerror(errno)};

    Recording recording;
    BlockReader reader;
    std::vector<char> piece(1u << 20);
    std::uint64_t read = 0;
    std::optional<Problem> damage;
    while (!damage) {
        errno = 0;
        const std::size_t n = std::fread(piece.data(), 1, piece.size(), input.get());
        if (n == 0) {
            if (std::ferror(input.get()))
                damage = Problem{"byte " + std::to_string(read), std::strerror(errno)};
            break;
        }
        read += n;
        damage = reader.feed(std::span<const char>(piece.data(), n), recording.events);
    }
    const bool nothing = reader.consumed() == 0;
    if (nothing && damage) return Problem{file, damage->text()};
    if (nothing && read == 0) return Problem{file, "is empty, not a recording"};
    if (nothing) return Problem{file, "is cut within its header, after " + std::to_string(read) + " bytes"};
    if (damage) {
        recording.cut = Problem{file, "readable up to " + damage->text()};
    } else if (!reader.atBoundary()) {
        recording.cut = Problem{file, "cut in the middle of a block: readable up to byte " +
                                          std::to_string(reader.consumed()) + " of " + std::to_string(read)};
    }
    return recording;
}

}  // namespace rondo
