#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/algorithms/server.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/run/rank_figures.h"
#include "engine/training/torch_worker.h"

namespace rondo {

/// The server of one rank: a shard of the weights, updated by LibTorch, charged or measured by the runtime.
class TorchServer final : public Server {
  public:
    TorchServer(SharedRun& shared, Rank rank);
    ~TorchServer() override;

    int index() const override { return rank_.value - workers(); }
    int servers() const override { return shared_.runtime.worldSize() - workers(); }
    int workers() const override { return static_cast<int>(shared_.spec.workers); }
    Values weights() override;
    Step firstStep() const override { return shared_.start.step; }
    std::int64_t startsWith(Rank worker) const override { return startsWith_[worker.index()]; }
    void await(FunctionRef<void(Communicator&)> receive) override;
    void answer(FunctionRef<void(Communicator&)> send) override;
    void update(std::span<const float> gradient) override;
    void noteStaleness(Rank worker, std::int64_t updates) override;
    void noteAnswer(Rank worker, std::int64_t updates) override;
    void noteClockSpread(std::int64_t most) override;

    /// What decides how it goes on, and going on from there: as of TorchWorker. Every update counts as a
    /// step, which it is where workers are in lock-step.
    RankState state(bool floats) const;
    void restore(const RankState& state);

    /// Measures on where one ended that had its place before; not yet at work.
    void goOn(const RankFigures& before) { before_ = before; }
    /// What it has and what it has measured as its workers in lock-step come to that border: of those that
    /// are past it already, nothing counts that it sent them since. The last worker to come asks. Thread:
    /// any, while it works.
    std::pair<RankState, RankFigures> atBorder(Step border);
    /// What it has measured by now. Thread: its own.
    RankFigures figures() const;
    LaneRecorder& lane() { return lane_; }

  private:
    /// How many updates the parameters had seen that the worker was given with that answer.
    std::int64_t seenBy(std::size_t worker, std::int64_t answers) const;
    /// Against a worker that asks. In virtual time all share one thread, and none is stopped in between.
    std::unique_lock<std::mutex> guard() const;
    Communicator& communicator() { return shared_.runtime.communicator(rank_, Lane::Compute); }
    SharedRun& shared_;
    const Rank rank_;
    EventSequence sequence_;
    LaneRecorder lane_;
    std::unique_ptr<Optimizer> optimizer_;
    torch::Tensor weights_;  ///< undefined with modelled weights
    std::size_t elements_ = 0;
    std::int64_t updates_ = 0;
    std::vector<std::int64_t> staleness_;  ///< how many gradients were so many updates old
    std::int64_t clockSpread_ = 0;
    RankFigures before_;
    std::vector<std::int64_t> startsWith_;  ///< by worker
    struct Answers {
        std::int64_t count = 0;
        std::deque<std::int64_t> latest;  ///< how many updates they had seen
    };
    std::vector<Answers> answers_;  ///< by worker
    /// When it had answered whom it had to.
    struct Rest {
        Picoseconds since{0}, waited{0};  ///< the latter since the beginning
        CardTimes card;
    };
    void rest();
    const VirtualRuntime* const virtualTime_;  ///< null elsewhere
    std::map<std::int64_t, Rest> rests_;       ///< the last with so many answers at most to one worker
    Picoseconds waited_{0};
    mutable std::mutex mutex_;
};

}  // namespace rondo
