#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/run/rank_messages.h"

namespace rondo {

// What ranks and their coordinator tell each other, as bytes: a type byte, then the fields in order
// (core/byte_fields.h). net/PROTOCOL.md, "Rank messages", has the tables.

/// Append to `out`, which grows once: arrays of floats are copied as they are, a single time.
void encode(const RankTold& message, std::vector<std::byte>& out);
void encode(const RankOrder& message, std::vector<std::byte>& out);

/// Read what must be one whole message. Lengths are compared with what is there before memory is taken; an
/// unknown type, a value outside of its range and bytes behind the last field are refused.
Result<RankTold> decodeRankTold(std::span<const std::byte> bytes);
Result<RankOrder> decodeRankOrder(std::span<const std::byte> bytes);

}  // namespace rondo
