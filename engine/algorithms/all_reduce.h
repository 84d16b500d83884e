#pragma once

#include "engine/algorithms/algorithm.h"

namespace rondo {

/// Synchronous data parallelism: every rank computes the gradient of its slice, all gradients are summed,
/// every rank makes the same update. Equal to one worker with the global batch, up to rounding.
///
/// With overlap, buckets travel while backward still computes the layers below them (Li et al. 2020, PyTorch
/// DDP); without, all gradients travel as one bucket after backward. The collective is chosen by hand, or for
/// each bucket by the α-β model; costs stand in collectives.h. Compressed gradients go ways of their own, in
/// compression_cost.h.
/// A straggler or a lost rank holds up everyone.
class AllReduce final : public Algorithm {
  public:
    AllReduce(const AllReduceAlgorithm& spec, const CompressionSpec& compression, const NetworkTerms& network)
        : spec_(spec), compression_(compression), network_(network) {}
    void train(Worker& worker) const override;
    std::vector<DirectedLink> links(std::size_t most) const override;
    std::string picture() const override;
    std::string formula() const override;
    std::int64_t bytesSent(std::span<const BucketRange> buckets, Rank rank, int ranks) const override;
    std::int64_t messages(std::span<const BucketRange> buckets, int ranks) const override;
    double exchangeSeconds(const BucketRange& bucket, const NetworkTerms& network) const override;
    bool overlaps() const override { return spec_.overlap; }
    int roundsPerStep() const override { return 1; }

  private:
    void sum(Worker& worker, Communicator& comm, Values values, Bucket bucket) const;
    bool compressed() const { return !std::holds_alternative<NoCompression>(compression_); }
    /// The one that sums so many gradients.
    Collective collectiveFor(std::int64_t elements) const;
    AllReduceAlgorithm spec_;
    CompressionSpec compression_;
    NetworkTerms network_;
};

}  // namespace rondo
