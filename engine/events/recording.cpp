#include "engine/events/recording.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>

namespace rondo {

namespace {
// Small, so that a hostile file's tightly packed blocks are looked at one by one.
constexpr std::size_t kPiece = 16u << 10;
}  // namespace

Result<RecordingEnd> readEvents(const std::string& file, FunctionRef<bool(std::vector<Event>&)> take) {
    const auto close = [](std::FILE* f) { std::fclose(f); };
    const std::unique_ptr<std::FILE, decltype(close)> input(std::fopen(file.c_str(), "rb"), close);
    if (!input) return Problem{file, std::string("can't be opened: ") + std::strerror(errno)};

    BlockReader reader;
    std::vector<char> piece(kPiece);
    std::vector<Event> events;
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
        damage = reader.feed(std::span<const char>(piece.data(), n), events);
        if (!events.empty() && !take(events)) return RecordingEnd{};
        events.clear();
    }
    const bool nothing = reader.consumed() == 0;
    if (nothing && damage) return Problem{file, damage->text()};
    if (nothing && read == 0) return Problem{file, "is empty, not a recording"};
    if (nothing) return Problem{file, "is cut within its header, after " + std::to_string(read) + " bytes"};
    if (damage) return RecordingEnd{Problem{file, "readable up to " + damage->text()}};
    if (!reader.atBoundary())
        return RecordingEnd{Problem{file, "cut in the middle of a block: readable up to byte " +
                                              std::to_string(reader.consumed()) + " of " +
                                              std::to_string(read)}};
    return RecordingEnd{};
}

Result<Recording> readRecording(const std::string& file, std::size_t most) {
    Recording recording;
    bool full = false;
    const auto outcome = readEvents(file, [&](std::vector<Event>& events) {
        full = recording.events.size() + events.size() > most;
        if (full) events.resize(most - recording.events.size());
        recording.events.insert(recording.events.end(), std::make_move_iterator(events.begin()),
                                std::make_move_iterator(events.end()));
        return !full;
    });
    if (!outcome) return outcome.problems();
    recording.cut = outcome->cut;
    if (full)
        recording.cut =
            Problem{file, "has more than " + std::to_string(most) + " events: only so many are read"};
    return recording;
}

}  // namespace rondo
