#pragma once

#include <atomic>
#include <chrono>
#include <vector>

#include "engine/algorithms/algorithm.h"
#include "engine/comm/runtime.h"
#include "engine/control/run_control.h"
#include "engine/data/dataset.h"
#include "engine/events/event_sink.h"
#include "engine/run/consensus.h"
#include "engine/run/lane_recorder.h"
#include "engine/run/report.h"
#include "engine/run/step_ledger.h"
#include "engine/run/whole_weights.h"
#include "engine/training/evaluation_times.h"
#include "engine/training/overseen.h"

namespace rondo {

/// Watches what the steps come to: evaluates when it is time, ends the run when a condition is met, tells of
/// divergence and speed, keeps the history.
///
/// Thread: its state belongs to rank 0's compute lane, and to the run's own thread once all ranks have
/// returned.
class Overseer {
  public:
    Overseer(const RunSpec& spec, const Dataset& data, Runtime& runtime, RunControl& control, EventSink& sink,
             EventSequence& sequence, const ModelPlan& model);

    /// The run begins, or goes on, with so many workers. Before everything else; ledger and algorithm are
    /// used until the next world begins.
    void beginWorld(int workers, StepLedger& ledger, const Algorithm& algorithm);

    /// The run goes on after this history. Before the first step.
    void goOn(std::vector<HistoryEntry> history);

    /// Every rank calls it at the end of each of its steps; may hold all of them while rank 0 evaluates.
    /// Ranks that are not in lock-step are not held: in `threads`, rank 0's evaluation then takes training
    /// time.
    void afterStep(Overseen& worker, Step step);
    /// The first half of that: looks at clock, loss and speed. Says whether the run is to be evaluated now.
    bool watch(Overseen& worker, Step step);
    /// Evaluates. `all` are the workers, where more than one has what counts, else `all[0]` alone is asked.
    void evaluate(std::span<Overseen* const> all, std::int64_t stepsDone);
    /// Makes the last entry of the history, unless there is one for these weights already. `worker` has the
    /// run's weights now, or they are in `whole`; `distance`, where workers have weights of their own, is
    /// theirs from their mean.
    void finish(Overseen& worker, std::int64_t steps, std::optional<double> distance,
                std::span<const float> whole);

    /// After how many steps it was evaluated last.
    std::int64_t evaluatedAt() const { return evaluatedAt_; }

    /// Whether workers have weights of their own, the mean of which is what counts.
    bool meansOverWorkers() const { return !algorithm_->agrees() && !spec_.weights.modelled; }

    /// Whether no worker has the whole model.
    bool putsTogether() const { return cutsModel(spec_) && !spec_.weights.modelled; }

    std::vector<HistoryEntry> takeHistory();
    /// As it is; of the last steps not every rank may have told its part. Thread: rank 0's.
    const std::vector<HistoryEntry>& history() const { return history_; }
    /// Fills in what all ranks have told of by now.
    void complete(std::vector<HistoryEntry>& history) const;
    bool conditionMet() const { return conditionMet_; }

  private:
    Stamp stamp() { return sequence_.stamp(nanosecondsOf(runtime_.now())); }
    void watchLoss(Step step);
    void watchSpeed(Picoseconds now);
    void meetAndEvaluate(Overseen& worker, std::int64_t stepsDone);
    std::int64_t stepsDone(Step step) const;
    /// Brings a worker's weights; true for the last of all.
    bool gather(Overseen& worker, std::int64_t stepsDone);
    void evaluateGathered(Overseen& worker, std::int64_t stepsDone);
    void evaluateWith(const Replica* replica, Overseen& worker, std::int64_t stepsDone,
                      std::optional<double> distance);
    void end();

    const RunSpec& spec_;
    const Dataset& data_;
    Runtime& runtime_;
    RunControl& control_;
    EventSink& sink_;
    EventSequence& sequence_;
    StepLedger* ledger_ = nullptr;
    const Algorithm* algorithm_ = nullptr;
    std::optional<EvaluationTimes> times_;
    std::vector<HistoryEntry> history_;
    const ModelPlan& model_;
    // Where no worker has the weights of the run: their mean, or their parts put together.
    std::optional<ConsensusMeter> consensusMeter_;
    WholeWeights wholeWeights_;
    struct Gathered {
        std::vector<float> weights;
        std::optional<double> distance;
    } gathered_;                              ///< for the evaluation under way
    std::unique_ptr<Replica> evaluated_;      ///< a model to put them in
    std::int64_t evaluatedAt_ = 0;            ///< steps done
    std::atomic<bool> conditionMet_ = false;  ///< set by any rank's lane
    bool diverged_ = false;

    // The speed since the last time it was told.
    std::chrono::steady_clock::time_point speedTold_{};
    Picoseconds speedFrom_{0};
    std::int64_t speedSamples_ = 0;
};

}  // namespace rondo
