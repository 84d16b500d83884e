#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/result.h"

namespace rondo::net {

/// What the binary messages of the protocol begin with (net/PROTOCOL.md). Little-endian, 48 bytes.
struct FrameHeader {
    enum class Kind : std::uint8_t { Data = 1, RankMessage = 2, Events = 3, Blob = 4 } kind = Kind::Data;
    bool communicationLane = false, control = false, counted = false;
    std::uint8_t carries = 0;
    std::uint32_t generation = 0;
    std::int32_t from = 0, to = 0;
    std::uint32_t tag = 0;
    std::int32_t bucket = -1, chunk = -1, microBatch = -1;
    std::uint64_t payloadBytes = 0;
    std::int64_t begin = 0;  ///< ns of run time

    static constexpr std::size_t kBytes = 48;
    bool operator==(const FrameHeader&) const = default;
};

std::array<std::byte, FrameHeader::kBytes> encode(const FrameHeader& header);
/// Refuses what is shorter, of an unknown kind, with bits that mean nothing, with ranks below "none", or with
/// a length that no signed number holds. How long a body may be is for the receiver to judge, before it makes
/// room.
Result<FrameHeader> decodeFrameHeader(std::span<const std::byte> bytes);

/// A whole binary message; `body` is part of it.
struct Frame {
    FrameHeader header;
    std::span<const std::byte> body;
};
/// Refuses also a message that isn't as long as its header says.
Result<Frame> readFrame(std::span<const std::byte> message);

}  // namespace rondo::net
