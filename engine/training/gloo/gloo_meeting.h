#pragma once

#include <array>
#include <stop_token>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include "engine/training/gloo/gloo_network.h"

namespace rondo {

/// A process group whose connections can be used directly: c10d's own sends have tags of 31 bits, and its
/// waits can't be told to look around.
class GlooGroup final : public c10d::ProcessGroupGloo {
  public:
    using ProcessGroupGloo::ProcessGroupGloo;
    const std::shared_ptr<gloo::Context>& context() const { return contexts_.front(); }
};

/// Gloo's ring passes chunks to the rank below, ours to the rank above: numbered the other way round they go
/// over the same links.
inline int glooRankOf(Rank rank, int worldSize) {
    return worldSize - 1 - rank.value;
}
inline Rank rankOfGloo(int glooRank, int worldSize) {
    return Rank{worldSize - 1 - glooRank};
}

/// Meets the other ranks at the store and connects with all of them, twice. Errors as makeGlooNetwork.
std::array<c10::intrusive_ptr<GlooGroup>, 2> meetOverGloo(const GlooPlace& place, std::stop_token stop);

}  // namespace rondo
