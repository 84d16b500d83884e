#include "net/wire/frame.h"

#include <limits>
#include <string>
#include <type_traits>

#include "engine/core/carries.h"
#include "engine/core/ids.h"

namespace rondo::net {

namespace {

constexpr std::uint8_t kCommunicationLane = 1, kControl = 2, kCounted = 4;
constexpr auto kMostCarries = static_cast<std::uint8_t>(Carries::PartialSums);
constexpr std::uint8_t kFarewell = 255;  // the rank `from` has ended: no message
constexpr std::uint64_t kMostPayload = std::numeric_limits<std::int64_t>::max();

template <class T>
void put(std::byte*& out, T value) {
    const auto bits = static_cast<std::make_unsigned_t<T>>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i) *out++ = static_cast<std::byte>(bits >> (8 * i));
}

template <class T>
void take(const std::byte*& in, T& value) {
    std::make_unsigned_t<T> bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        bits = static_cast<std::make_unsigned_t<T>>(bits | static_cast<std::make_unsigned_t<T>>(*in++)
                                                               << (8 * i));
    value = static_cast<T>(bits);
}

}  // namespace

std::array<std::byte, FrameHeader::kBytes> encode(const FrameHeader& header) {
    std::array<std::byte, FrameHeader::kBytes> bytes{};
    std::byte* out = bytes.data();
    put(out, static_cast<std::uint8_t>(header.kind));
    put(out, static_cast<std::uint8_t>((header.communicationLane ? kCommunicationLane : 0) |
                                       (header.control ? kControl : 0) | (header.counted ? kCounted : 0)));
    put(out, header.carries);
    put(out, std::uint8_t{0});
    put(out, header.generation);
    put(out, header.from);
    put(out, header.to);
    put(out, header.tag);
    put(out, header.bucket);
    put(out, header.chunk);
    put(out, header.microBatch);
    put(out, header.payloadBytes);
    put(out, header.begin);
    return bytes;
}

Result<FrameHeader> decodeFrameHeader(std::span<const std::byte> bytes) {
    if (bytes.size() < FrameHeader::kBytes)
        return Problem{"frame", std::to_string(bytes.size()) + " bytes, expected a header of " +
                                    std::to_string(FrameHeader::kBytes)};
    const std::byte* in = bytes.data();
    FrameHeader header;
    std::uint8_t kind = 0, flags = 0, reserved = 0;
    take(in, kind);
    take(in, flags);
    take(in, header.carries);
    take(in, reserved);
    take(in, header.generation);
    take(in, header.from);
    take(in, header.to);
    take(in, header.tag);
    take(in, header.bucket);
    take(in, header.chunk);
    take(in, header.microBatch);
    take(in, header.payloadBytes);
    take(in, header.begin);
    if (kind < 1 || kind > 4) return Problem{"frame.kind", std::to_string(kind) + ", expected 1 to 4"};
    if (flags > 7) return Problem{"frame.flags", std::to_string(flags) + ", expected 0 to 7"};
    if (reserved != 0) return Problem{"frame.reserved", std::to_string(reserved) + ", expected 0"};
    if (header.carries > kMostCarries && header.carries != kFarewell)
        return Problem{"frame.carries",
                       std::to_string(header.carries) + ", expected 0 to " + std::to_string(kMostCarries)};
    for (const std::int32_t rank : {header.from, header.to})
        if (rank < kNone) return Problem{"frame", "rank " + std::to_string(rank) + ", expected -1 or more"};
    if (header.payloadBytes > kMostPayload)
        return Problem{"frame",
                       std::to_string(header.payloadBytes) + " payload bytes, expected less than 2^63"};
    header.kind = static_cast<FrameHeader::Kind>(kind);
    header.communicationLane = flags & kCommunicationLane;
    header.control = flags & kControl;
    header.counted = flags & kCounted;
    return header;
}

Result<Frame> readFrame(std::span<const std::byte> message) {
    const Result<FrameHeader> header = decodeFrameHeader(message);
    if (!header) return header.problems();
    const auto body = message.subspan(FrameHeader::kBytes);
    const std::uint64_t expected = header->counted ? 0 : header->payloadBytes;
    if (body.size() != expected)
        return Problem{"frame",
                       std::to_string(body.size()) + " bytes of body, expected " + std::to_string(expected)};
    return Frame{*header, body};
}

}  // namespace rondo::net
