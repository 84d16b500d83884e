#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace rondo {

/// An index that can't be mistaken for another kind of index. Rank 3 is `Rank{3}`; `.value` is the plain
/// number.
template <class Tag>
struct Id {
    std::int32_t value = 0;
    constexpr auto operator<=>(const Id&) const = default;
    constexpr std::size_t index() const { return static_cast<std::size_t>(value); }
};

using Rank = Id<struct RankTag>;      ///< position of a participant in a run, 0 … world size − 1
using Step = Id<struct StepTag>;      ///< one optimiser update on one rank, counted from 0
using Bucket = Id<struct BucketTag>;  ///< gradients reduced together, 0 = first ready in backward
using Chunk = Id<struct ChunkTag>;    ///< the part of a bucket one rank owns in a ring

inline constexpr std::int32_t kNone = -1;  ///< "no such index" in an event: a span outside of any bucket, say

}  // namespace rondo

template <class Tag>
struct std::hash<rondo::Id<Tag>> {
    std::size_t operator()(rondo::Id<Tag> id) const noexcept { return std::hash<std::int32_t>{}(id.value); }
};
