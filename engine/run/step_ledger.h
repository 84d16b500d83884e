#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/core/ids.h"

namespace rondo {

/// Puts the ranks' parts of each step together: its loss over the global batch and when the last rank was
/// done. Sums in rank order, so the loss doesn't depend on who came first. Keeps the latest steps and every
/// `keepEvery`-th (0: none), so a long run takes no more memory than its history. Thread: any; a step costs
/// each rank two short locks.
class StepLedger {
  public:
    explicit StepLedger(int worldSize, std::int64_t keepEvery = 0);

    /// Sum of the losses of this rank's slice, told after its forward pass.
    void addLoss(Rank rank, Step step, double lossSum, std::int64_t samples);

    struct Completed {
        Step step;
        double loss = 0;
        std::int64_t samples = 0, payloadBytes = 0;
    };
    /// This rank has ended the step, having sent `payloadBytes` so far. The last one to do so gets the whole
    /// step.
    std::optional<Completed> endStep(Rank rank, Step step, std::int64_t payloadBytes);

    /// Mean over the global batch; empty until every rank has told, and when no longer kept.
    std::optional<double> lossOf(Step step) const;
    /// Empty when not completed or no longer kept.
    std::optional<Completed> completed(Step step) const;
    std::int64_t stepsCompleted() const;
    std::int64_t samplesTrained() const;  ///< in completed steps

  private:
    struct Open {
        std::vector<double> losses;
        std::vector<std::int64_t> samples, payloadBytes;
        int told = 0, ended = 0;
    };
    Open& at(Step step);
    static Completed sumOf(Step step, const Open& open);
    const Completed* find(Step step) const;  // mutex held

    mutable std::mutex mutex_;
    const int worldSize_;
    std::deque<Open> open_;  // from firstOpen_ on
    std::int32_t firstOpen_ = 0;
    const std::int64_t keepEvery_;
    std::deque<Completed> latest_;  // in order, without gaps
    std::map<Step, Completed> kept_;
    std::int64_t stepsCompleted_ = 0;
    std::int64_t samplesTrained_ = 0;
};

}  // namespace rondo
