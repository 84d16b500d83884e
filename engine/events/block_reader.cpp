#include <zlib.h>

#include <algorithm>
#include <new>
#include <string_view>

#include "engine/events/event_codec.h"
#include "engine/events/recording.h"

namespace rondo {

namespace {

constexpr std::size_t kPrefixBytes = 12;
constexpr std::size_t kMagicBytes = 6;

std::uint32_t littleEndian(std::span<const char> bytes, std::size_t at, std::size_t count = 4) {
    std::uint32_t v = 0;
    for (std::size_t i = 0; i < count; ++i) {
        v |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    }
    return v;
}

Problem at(std::uint64_t position, std::string what) {
    return Problem{"byte " + std::to_string(position), std::move(what)};
}

std::string tooLong(const char* which, std::uint32_t length, std::size_t most) {
    return std::string("a block says it is ") + std::to_string(length) + " bytes long " + which +
           ", at most " + std::to_string(most) + " are allowed";
}

}  // namespace

struct BlockReader::Inflater {
    z_stream stream{};
    std::vector<std::byte> unpacked;
    Inflater() {
        if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
    }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// False unless `packed` is one whole zlib stream of exactly `size` bytes.
    bool unpack(std::span<const char> packed, std::size_t size) {
        unpacked.resize(size + 1);  // one byte of room shows that more would come
        inflateReset(&stream);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        stream.avail_in = static_cast<uInt>(packed.size());
        stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
        stream.avail_out = static_cast<uInt>(unpacked.size());
        const int outcome = inflate(&stream, Z_FINISH);
        unpacked.resize(size);
        return outcome == Z_STREAM_END && stream.total_out == size && stream.avail_in == 0;
    }
};

BlockReader::BlockReader() : inflater_(std::make_unique<Inflater>()) {}
BlockReader::~BlockReader() = default;
BlockReader::BlockReader(BlockReader&&) noexcept = default;
BlockReader& BlockReader::operator=(BlockReader&&) noexcept = default;

std::optional<Problem> BlockReader::feed(std::span<const char> bytes, std::vector<Event>& events) {
    if (damage_) return damage_;
    buffer_.append(bytes.data(), bytes.size());
    std::span<const char> rest(buffer_);
    if (!headerSeen_) damage_ = takeHeader(rest);
    bool complete = headerSeen_;
    while (complete && !damage_) damage_ = takeBlock(rest, complete, events);
    if (damage_) {
        buffer_.clear();
        buffer_.shrink_to_fit();
    } else {
        buffer_.erase(0, buffer_.size() - rest.size());
    }
    return damage_;
}

bool BlockReader::atBoundary() const {
    return headerSeen_ && !damage_ && buffer_.empty();
}

std::optional<Problem> BlockReader::takeHeader(std::span<const char>& bytes) {
    const std::string header = BlockWriter::header();
    const std::size_t seen = std::min(bytes.size(), kMagicBytes);
    const auto differs =
        std::mismatch(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(seen), bytes.begin());
    if (static_cast<std::size_t>(differs.first - header.begin()) < seen) {
        return at(0, "not a recording: it doesn't begin with \"RONDO\"");
    }
    if (bytes.size() < header.size()) return {};
    const std::uint32_t version = littleEndian(bytes, kMagicBytes, 2);
    if (version < 1 || version > static_cast<std::uint32_t>(kRecordingVersion)) {
        return at(kMagicBytes, "this recording has format version " + std::to_string(version) +
                                   ", this program reads versions 1 to " + std::to_string(kRecordingVersion));
    }
    version_ = static_cast<int>(version);
    headerSeen_ = true;
    consumed_ = header.size();
    bytes = bytes.subspan(header.size());
    return {};
}

std::optional<Problem> BlockReader::takeBlock(std::span<const char>& bytes, bool& complete,
                                              std::vector<Event>& events) {
    complete = false;
    if (bytes.size() < kPrefixBytes) return {};
    const std::uint32_t packed = littleEndian(bytes, 0), unpacked = littleEndian(bytes, 4);
    if (packed > kMostPackedBytes) return at(consumed_, tooLong("packed", packed, kMostPackedBytes));
    if (unpacked > kMostUnpackedBytes)
        return at(consumed_ + 4, tooLong("unpacked", unpacked, kMostUnpackedBytes));
    if (bytes.size() - kPrefixBytes < packed) return {};

    const auto body = bytes.subspan(kPrefixBytes, packed);
    const auto* first = reinterpret_cast<const Bytef*>(body.data());
    if (crc32(0, first, packed) != littleEndian(bytes, 8)) {
        return at(consumed_, "the block that begins here was changed: its checksum doesn't match");
    }
    if (!inflater_->unpack(body, unpacked)) {
        return at(consumed_, "the block that begins here doesn't unpack to the " + std::to_string(unpacked) +
                                 " bytes it says");
    }
    std::span<const std::byte> rest(inflater_->unpacked);
    while (!rest.empty()) {
        const std::size_t position = unpacked - rest.size();
        Result<Event> event = decode(rest, version_);
        if (!event) {
            return at(consumed_, "the block that begins here holds, at its byte " + std::to_string(position) +
                                     ", something this program can't read: " + event.error());
        }
        events.push_back(std::move(event).value());
    }
    consumed_ += kPrefixBytes + packed;
    bytes = bytes.subspan(kPrefixBytes + packed);
    complete = true;
    return {};
}

}  // namespace rondo
