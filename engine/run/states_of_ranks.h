#pragma once

#include <cstddef>
#include <map>
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

/// Puts states together as they come, in any order: what is the same as of those before is not kept again, so
/// that a thousand workers with the same weights need memory for two. Same is what has the same bits, NaN
/// too. Thread: one at a time.
class StatesTogether {
  public:
    StatesTogether(int workers, int servers);
    /// Each rank once.
    void add(Rank rank, RankState state);
    bool complete() const { return added_ == states_.own.size(); }
    StatesOfRanks take() { return std::move(states_); }

  private:
    template <class Value>
    void share(std::vector<std::pair<std::string, Value>> RankState::*list, RankState& state);
    StatesOfRanks states_;
    std::size_t added_ = 0;
    std::vector<std::size_t> sharing_;  ///< workers that were added
};

/// The first `workers` of them train.
StatesOfRanks together(std::vector<RankState> states, int workers);

}  // namespace rondo
