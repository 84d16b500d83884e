#pragma once

#include "engine/algorithms/algorithm.h"

namespace rondo {

/// Synchronous data parallelism: every rank computes the gradient of its slice, all gradients are summed,
/// every rank makes the same update. Equal to one worker with the global batch, up to rounding.
///
/// With overlap, buckets travel while backward still computes the layers below them (Li et al. 2020, PyTorch
/// DDP); without, all gradients travel as one bucket after backward. S = bytes of the model, N ranks, a step
/// sends:
///   ring   2(N−1)/N·S per rank, 2(N−1)(α + S/(Nβ)) long (Patarasuk, Yuan 2009)
///   naive  2(N−1)·S along the path, 2(N−1)(α + S/β) long
/// A straggler or a lost rank holds up everyone.
class AllReduce final : public Algorithm {
  public:
    explicit AllReduce(const AllReduceAlgorithm& spec) : spec_(spec) {}
    void train(Worker& worker) const override;
    std::int64_t bytesSent(std::span<const BucketRange> buckets, Rank rank, int ranks) const override;
    std::int64_t messages(std::span<const BucketRange> buckets, int ranks) const override;
    double exchangeSeconds(double bytes, const NetworkTerms& network) const override;
    bool overlaps() const override { return spec_.overlap; }
    int roundsPerStep() const override { return 1; }

  private:
    void sum(Communicator& comm, std::span<float> values, Bucket bucket) const;
    AllReduceAlgorithm spec_;
};

}  // namespace rondo
