#pragma once

#include <vector>

#include "engine/core/ids.h"
#include "engine/run/rank_state.h"

namespace rondo {

/// The states of all ranks of a world, servers after workers, with what is the same at all workers kept once:
/// the weights of data parallelism, but not those of gossip or of stages.
struct StatesOfRanks {
    int workers = 0;
    RankState common;            ///< of the workers
    std::vector<RankState> own;  ///< by rank, what else it has
    bool operator==(const StatesOfRanks&) const = default;

    /// Of a rank of this world. The order of names is not kept.
    RankState of(Rank rank) const;
    /// Of a worker that takes nobody's place.
    RankState ofNewcomer() const { return common; }
};

/// The first `workers` of them train. Same is what has the same bits, NaN too.
StatesOfRanks together(std::vector<RankState> states, int workers);

}  // namespace rondo
