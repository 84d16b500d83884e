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
/// each rank a few short locks.
class StepLedger {
  public:
    enum class Grouping {
        ByStep,     ///< a step is what all ranks call by its number: lock-step
        ByFurthest  ///< ranks go at speeds of their own: a step is what they end while the furthest ends one
    };
    /// What was done before by other ranks, where a run goes on with new ones.
    struct Before {
        std::int64_t steps = 0, samples = 0, payloadBytes = 0;
    };
    StepLedger(int workers, std::int64_t keepEvery, Grouping grouping, const Before& before);
    explicit StepLedger(int workers, std::int64_t keepEvery = 0, Grouping grouping = Grouping::ByStep)
        : StepLedger(workers, keepEvery, grouping, Before{}) {}

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
    /// ByStep: the rank leaves out the steps from `first` to before `next`; what that completes comes back,
    /// in order.
    std::vector<Completed> skip(Rank rank, Step first, Step next);
    /// The rank will have no part in steps from `first` on; it still ends those before that it has begun.
    /// What that completes comes back, in order.
    std::vector<Completed> leave(Rank rank, Step first);

    /// Mean over the global batch; empty until every rank has told, and when no longer kept.
    std::optional<double> lossOf(Step step) const;
    /// Empty when not completed or no longer kept.
    std::optional<Completed> completed(Step step) const;
    std::int64_t stepsCompleted() const;
    std::int64_t samplesTrained() const;  ///< in completed steps
    std::int64_t payloadBytes() const;    ///< that ranks have told of by now

  private:
    struct Open {
        std::vector<double> losses;
        std::vector<std::int64_t> samples, payloadBytes;
        int told = 0, ended = 0;
    };
    // All with the mutex held.
    Open& at(Step step);
    Completed sumOf(Step step, const Open& open) const;
    std::optional<Completed> countEnd(Step step);
    std::optional<Completed> countFurthest(Rank rank, Step step);
    void keep(const Completed& whole);
    const Completed* find(Step step) const;  // mutex held

    mutable std::mutex mutex_;
    const int workers_;
    const Grouping grouping_;
    const std::int64_t bytesBefore_;
    std::vector<std::int64_t> payloadBytes_;  // by rank, as last told
    struct Own {
        double lossSum = 0;
        std::int64_t samples = 0;
        void operator+=(const Own& other) { lossSum += other.lossSum, samples += other.samples; }
    };
    std::vector<Own> own_;   // by rank, ByFurthest: of the step it is in
    Own together_;           // of what ended since the furthest ended one
    std::deque<Open> open_;  // from firstOpen_ on
    int left_ = 0;           // ranks that have no part in steps that open from now on
    std::int32_t firstOpen_ = 0;
    const std::int64_t keepEvery_;
    std::deque<Completed> latest_;  // in order, without gaps
    std::map<Step, Completed> kept_;
    std::int64_t stepsCompleted_ = 0;
    std::int64_t samplesTrained_ = 0;
};

}  // namespace rondo
