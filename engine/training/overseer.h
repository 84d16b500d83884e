#pragma once

#include <chrono>
#include <vector>

#include "engine/control/run_control.h"
#include "engine/data/dataset.h"
#include "engine/run/report.h"
#include "engine/training/torch_worker.h"

namespace rondo {

/// Watches what the steps come to: evaluates when it is time, ends the run when a condition is met, tells of
/// divergence and speed, keeps the history.
///
/// Thread: its state belongs to rank 0's compute lane, and to the run's own thread once all ranks have
/// returned.
class Overseer {
  public:
    Overseer(const RunSpec& spec, const Dataset& data, Runtime& runtime, RunControl& control, EventSink& sink,
             StepLedger& ledger, EventSequence& sequence, std::int64_t roundsPerStep);

    /// Every rank calls it at the end of each of its steps; may hold all of them while rank 0 evaluates.
    void afterStep(TorchWorker& worker, Step step);
    /// Makes the last entry of the history, unless there is one for that step already.
    void finish(TorchWorker& worker, std::int64_t steps);

    std::vector<HistoryEntry> takeHistory();
    bool conditionMet() const { return conditionMet_; }

  private:
    Stamp stamp() { return sequence_.stamp(nanosecondsOf(runtime_.now())); }
    void watchLoss(Step step);
    void watchSpeed(Picoseconds now);
    void evaluateNow(TorchWorker& worker, std::int64_t stepsDone, Picoseconds stepEnd);
    void end();

    const RunSpec& spec_;
    const Dataset& data_;
    Runtime& runtime_;
    RunControl& control_;
    EventSink& sink_;
    StepLedger& ledger_;
    EventSequence& sequence_;
    const std::int64_t roundsPerStep_;
    std::vector<HistoryEntry> history_;
    bool conditionMet_ = false, diverged_ = false;

    // The speed since the last time it was told.
    std::chrono::steady_clock::time_point speedTold_{};
    Picoseconds speedFrom_{0};
    std::int64_t speedSamples_ = 0;
};

}  // namespace rondo
