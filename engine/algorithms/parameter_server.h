#pragma once

#include "engine/algorithms/algorithm.h"
#include "engine/compress/gradient_codec.h"

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
/// Compressed pushes are added up as they come; answers are whole parameters. c = bytes that stand for S.
///
/// A straggler holds up `sync` entirely, `stale` once it is s steps behind, `async` not at all, and backup
/// workers leave out the b slowest. A lost worker stops sync and stale; a lost server stops everyone.
class ParameterServer final : public Algorithm {
  public:
    ParameterServer(const ParameterServerAlgorithm& spec, const CompressionSpec& compression, int workers)
        : spec_(spec), codec_(makeCodec(compression)), workers_(workers) {}
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
    /// in one after the other and the last needs c/β: 2α + (N·S/K + c)/β. `async` staggers itself, so each
    /// worker has the links for itself: 2α + (S/K + c)/β.
    double exchangeSeconds(const BucketRange& all, const NetworkTerms& network) const override;
    /// In the first step all push at once: (N−1)·c/(Kβ) more.
    double startSeconds(const BucketRange& all, const NetworkTerms& network) const override;
    /// `async`: each server answers N pushes, one after the other, in the time each worker makes a step.
    double leastStepSeconds(const BucketRange& all, double update,
                            const NetworkTerms& network) const override;
    double updateShare() const override { return 1.0 / static_cast<double>(spec_.servers); }
    int waitsFor(int workers) const override { return workers - static_cast<int>(spec_.backup); }
    bool overlaps() const override { return false; }
    int roundsPerStep() const override { return 1; }

  private:
    /// Bytes of one worker's push to that server.
    std::int64_t pushBytes(std::int64_t elements, int server) const;
    std::int64_t pushBytes(std::int64_t elements) const;  ///< to all servers
    /// Hears the next worker: its gradient goes to `push`, or it says goodbye and is returned.
    std::optional<Rank> hear(Server& server, FunctionRef<void(Rank, std::span<const float>)> push) const;
    void serveByClock(Server& server) const;
    void serveAtOnce(Server& server) const;
    ParameterServerAlgorithm spec_;
    std::shared_ptr<const GradientCodec> codec_;  ///< of pushes; null: floats
    int workers_;
};

}  // namespace rondo
