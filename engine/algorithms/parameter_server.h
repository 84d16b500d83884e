#pragma once

#include "engine/algorithms/algorithm.h"

namespace rondo {

/// Servers hold the weights, K of them a K-th each; workers push gradients and get the parameters back (Li et
/// al. 2014). S = bytes of the model, N workers: each worker sends S and receives S a step, each server's
/// link carries 2·N·S/K.
///
///   sync   the server makes one update with the mean of all N gradients of a clock, summed in rank order,
///   and
///          answers then: equal to one worker with the global batch, up to rounding.
///   stale  the same updates, but a worker may start clock c once clock c−s−1 is applied (bounded delay,
///          stricter than Ho et al. 2013). s = 0 is sync.
///   async  every push is an update of its own and is answered at once (Dean et al. 2012), weighted as its
///   part of
///          the global batch, so that N pushes go about as far as one synchronous step. With N equal workers
///          each gradient is N−1 updates old.
///   backup workers (sync, Chen et al. 2016): the update is made when N−b gradients are there; the b slowest
///   are
///          dropped, and who was dropped goes on with the step the others are at.
///
/// A straggler holds up `sync` entirely, `stale` once it is s steps behind, `async` not at all, and backup
/// workers leave out the b slowest. A lost worker stops sync and stale; a lost server stops everyone.
class ParameterServer final : public Algorithm {
  public:
    ParameterServer(const ParameterServerAlgorithm& spec, int workers) : spec_(spec), workers_(workers) {}
    void train(Worker& worker) const override;
    std::vector<DirectedLink> links(std::size_t most) const override;
    std::string picture() const override;
    std::string formula() const override;
    int servers() const override { return static_cast<int>(spec_.servers); }
    void serve(Server& server) const override;
    bool lockStep() const override { return spec_.mode != ServerMode::Async; }
    bool skipsSteps() const override { return spec_.backup > 0; }
    std::int64_t bytesSent(std::span<const BucketRange> buckets, Rank rank, int workers) const override;
    std::int64_t messages(std::span<const BucketRange> buckets, int workers) const override;
    /// Answers leave a server one after the other, N·S/(Kβ); that staggers the workers, so that pushes come
    /// in one after the other and the last needs S/β: 2α + (N/K + 1)·S/β. `async` staggers itself, so each
    /// worker has the links for itself: 2α + (1/K + 1)·S/β.
    double exchangeSeconds(double bytes, const NetworkTerms& network) const override;
    /// In the first step all push at once: (N−1)·S/(Kβ) more.
    double startSeconds(double bytes, const NetworkTerms& network) const override;
    /// `async`: each server answers N pushes, one after the other, in the time each worker makes a step.
    double leastStepSeconds(double bytes, double update, const NetworkTerms& network) const override;
    double updateShare() const override { return 1.0 / static_cast<double>(spec_.servers); }
    int waitsFor(int workers) const override { return workers - static_cast<int>(spec_.backup); }
    bool overlaps() const override { return false; }
    int roundsPerStep() const override { return 1; }

  private:
    void serveByClock(Server& server) const;
    void serveAtOnce(Server& server) const;
    ParameterServerAlgorithm spec_;
    int workers_;
};

}  // namespace rondo
