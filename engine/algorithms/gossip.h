#pragma once

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/graph.h"

namespace rondo {

/// Decentralised SGD (Lian et al. 2017): each worker makes a step of its own, then averages its weights with
/// its neighbours', x_i ← Σ_j W_ij x_j, with Metropolis weights. Nobody has the whole sum; disagreement
/// shrinks by the second eigenvalue of W each round, and the run's model is the mean of all. With the full
/// graph this is synchronous data parallelism; a graph in parts never agrees.
///
/// A step sends d_i·S from a worker of degree d_i and takes α + d·S/β, d the largest degree. A straggler
/// holds up its neighbours, and theirs a step later.
class Gossip final : public Algorithm {
  public:
    Gossip(const GossipAlgorithm& spec, int workers);
    void train(Worker& worker) const override;
    bool agrees() const override { return false; }
    std::optional<double> secondEigenvalue() const override;
    std::vector<DirectedLink> links(std::size_t most) const override;
    std::string picture() const override;
    std::string formula() const override;
    std::int64_t bytesSent(std::span<const BucketRange> buckets, Rank rank, int workers) const override;
    std::int64_t messages(std::span<const BucketRange> buckets, int workers) const override;
    double exchangeSeconds(const BucketRange& bucket, const NetworkTerms& network) const override;
    bool overlaps() const override { return false; }
    int roundsPerStep() const override { return 1; }

  private:
    GraphKind kind_;
    Graph graph_;
    std::vector<MixingRow> mixing_;
    std::vector<std::vector<int>> sendOrder_;
};

}  // namespace rondo
