#pragma once

#include <optional>
#include <vector>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "ui/store/stage_ledger.h"

namespace rondo::ui {

/// How a run's schedule goes when every pass takes what it should and nobody waits for anything but what the
/// schedule makes him wait for: step by step, since steps follow each other without a barrier.
class IdealSchedule {
  public:
    struct Stage {
        std::vector<LaneSpan> spans;  ///< of this step alone, ns from the step's first start of all stages
        StageStep step;               ///< as a StageLedger has it, from the same moment
    };
    struct Step {
        std::vector<Stage> stages;
        std::int64_t length = 0;  ///< to the last end of all stages
        double bubble = 0;        ///< of the stage that takes longest
    };
    /// `steps`: how many the run will make, where that is known: the last ones of a run without flushes are
    /// unlike the others. `computing`: the share of its passes that a stage computes, 1 where none is given;
    /// the rest are sums, which count as bubble. Nothing when the schedule can't be played.
    static std::optional<IdealSchedule> of(const StagePlan& plan, const StageTimes& times,
                                           std::optional<std::int64_t> steps,
                                           std::span<const double> computing = {});
    const Step& step(int number) const;

  private:
    struct Era {
        std::vector<Step> steps;  ///< the first ones, some in its stride, the last ones
        int first = 0;            ///< the number of the first one
        std::optional<std::int64_t> end;
        const Step& step(int number) const;
    };
    static std::optional<Era> eraOf(const PipelineSchedule& schedule, const StageTimes& times, int first,
                                    std::optional<std::int64_t> end, std::span<const double> computing);

    std::vector<Era> eras_;  ///< before and after freezing
};

}  // namespace rondo::ui
