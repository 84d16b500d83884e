#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/ids.h"

namespace rondo {

/// Which ranks' values are summed up in a chunk: bit r for rank r.
using Contributions = std::uint32_t;

/// A message of an all-reduce, in chunks: `count` of them from `first` on.
struct ChunkMessage {
    Rank from, to;
    int first = 0, count = 0;
    std::int64_t bytes = 0;
    bool added = false;  ///< to what the receiver had; else it took its place
    bool operator==(const ChunkMessage&) const = default;
};

/// Messages that need none of each other, so that they pass at the same time where links are equal; no rank
/// receives more than one of them.
struct ChunkRound {
    std::vector<ChunkMessage> messages;            ///< by receiver
    double seconds = 0;                            ///< when it and all rounds before it were over
    std::vector<std::vector<Contributions>> rows;  ///< after it: by rank, then chunk
};

/// One all-reduce as it happened.
struct ChunkHistory {
    int ranks = 0;
    std::vector<std::int64_t> chunkBytes;           ///< one entry a chunk
    std::vector<std::vector<Contributions>> begin;  ///< rows before the first round
    std::vector<ChunkRound> rounds;

    int chunks() const { return static_cast<int>(chunkBytes.size()); }
    /// What a chunk holds that is done.
    Contributions everyone() const { return (Contributions{1} << ranks) - 1; }
    /// After so many rounds.
    const std::vector<std::vector<Contributions>>& rowsAfter(std::size_t done) const {
        return done == 0 ? begin : rounds[done - 1].rows;
    }
    double seconds() const { return rounds.empty() ? 0 : rounds.back().seconds; }
};

/// As many can be told apart in a picture.
inline constexpr int kMostChunkRanks = 16;

/// Runs the collective itself in virtual time and watches it: over one value a chunk, of which each stands
/// for its share of `elements` floats, rank r's being 2^r, so that a sum says whose values are in it. Chunks
/// are what the collective cuts the vector in: N of a ring or in groups, the power of two at or below N of
/// halving-doubling, one of naive and tree.
///
/// Jitter is left out; links differ as the cluster says. Cost: under a millisecond a rank. Throws
/// std::invalid_argument for other ranks than 1 … kMostChunkRanks, groups that don't divide them, and
/// whatever is none of those five.
ChunkHistory chunkHistory(Collective collective, std::int64_t elements, int ranks,
                          const ClusterSpec& cluster);

}  // namespace rondo
