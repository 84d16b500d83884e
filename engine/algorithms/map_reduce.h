#pragma once

#include "engine/algorithms/algorithm.h"

namespace rondo {

/// Gradient descent by map and reduce (Dean, Ghemawat 2004; Chu et al. 2006): worker 0 drives. Each step it
/// hands out the weights (broadcast), every worker computes the gradient of its part of the data (map), and
/// the gradients are summed at worker 0 (reduce), which makes the update. Equal to one worker with the global
/// batch, up to rounding.
///
/// star: worker 0 talks to each of the others, 2(N−1)·S over its links, 2α + N·S/β, since results come in as
/// staggered as weights went out. tree: binomial, 2⌈log₂N⌉(α + S/β).
/// A straggler holds up everyone. A map task that fails is run again by its worker (fault `restart`), and all
/// wait for it; a lost worker ends the run.
class MapReduce final : public Algorithm {
  public:
    MapReduce(const MapReduceAlgorithm& spec, int workers) : spec_(spec), workers_(workers) {}
    void train(Worker& worker) const override;
    std::vector<DirectedLink> links(std::size_t most) const override;
    std::string picture() const override;
    std::string formula() const override;
    std::int64_t bytesSent(std::span<const BucketRange> buckets, Rank rank, int workers) const override;
    std::int64_t messages(std::span<const BucketRange> buckets, int workers) const override;
    double exchangeSeconds(const BucketRange& bucket, const NetworkTerms& network) const override;
    bool overlaps() const override { return false; }
    int roundsPerStep() const override { return 1; }

  private:
    MapReduceAlgorithm spec_;
    int workers_;
};

}  // namespace rondo
