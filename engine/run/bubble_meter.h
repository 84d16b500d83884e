#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/algorithms/pipeline/play_schedule.h"

namespace rondo {

/// Hears what each stage did of a step. Thread: any.
class StageBook {
  public:
    virtual ~StageBook() = default;
    /// Time of a stage from its first start to its last end in that step, and how much of it it computed.
    virtual void add(std::int64_t step, const StageShare& stage) = 0;
};

/// Puts together what the stages of a run tell of each step: its bubble, as a played schedule has it. Thread:
/// any. Memory: steps under way.
class BubbleMeter final : public StageBook {
  public:
    /// Bubbles of steps, added up.
    struct Sum {
        double fractions = 0;
        std::int64_t steps = 0;
    };
    /// `before`: what ranks measured that these go on from.
    BubbleMeter(int ranks, const Sum& before) : ranks_(ranks), sum_(before) {}
    explicit BubbleMeter(int ranks) : BubbleMeter(ranks, Sum{}) {}
    void add(std::int64_t step, const StageShare& stage) override;
    /// Mean over the steps that all ranks have told of; empty without any.
    std::optional<double> fraction() const;
    /// Of the steps that all ranks have told of.
    Sum sum() const;

  private:
    const int ranks_;
    mutable std::mutex mutex_;
    std::map<std::int64_t, std::vector<StageShare>> open_;
    Sum sum_;
};

}  // namespace rondo
