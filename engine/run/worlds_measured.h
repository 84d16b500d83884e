#pragma once

#include <vector>

#include "engine/run/measured.h"

namespace rondo {

/// What the ranks of a run have measured that went through several worlds, put together by the places they
/// have in its report: workers by rank, servers behind the workers of the largest world.
class WorldsMeasured {
  public:
    explicit WorldsMeasured(int servers) : servers_(static_cast<std::size_t>(servers)) {}
    /// A world that is over: its workers first, then its servers.
    void add(FiguresOfRanks ranks) { worlds_.push_back(std::move(ranks)); }

    FiguresOfRanks together() const;
    int workers() const;  ///< of the largest world

  private:
    const std::size_t servers_;
    std::vector<FiguresOfRanks> worlds_;
};

}  // namespace rondo
