#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/core/ids.h"

namespace rondo {

/// Puts the ranks' parts of each step together: its loss over the global batch and when the last rank was
/// done. Sums in rank order, so the loss doesn't depend on who came first. Thread: any; a step costs each
/// rank two short locks.
class StepLedger {
  public:
    explicit StepLedger(int worldSize);

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

    /// Mean over the global batch; empty until every rank has told.
    std::optional<double> lossOf(Step step) const;
    std::vector<Completed> completed() const;  ///< all completed steps in order
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

    mutable std::mutex mutex_;
    const int worldSize_;
    std::deque<Open> open_;  // from firstOpen_ on
    std::int32_t firstOpen_ = 0;
    std::vector<Completed> completed_;
    std::int64_t samplesTrained_ = 0;
};

}  // namespace rondo
