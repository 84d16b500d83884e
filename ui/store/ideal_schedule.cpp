#include "ui/store/ideal_schedule.h"

#include <cmath>
#include <limits>

namespace rondo::ui {

namespace {

// Enough for a pipeline to come into its stride and out of it again.
constexpr int kMostSteps = 12;
// Of all steps that are played: more take longer than a frame.
constexpr std::int64_t kMostPasses = 100'000;

std::int64_t nsOf(double seconds) {
    return std::llround(seconds * 1e9);
}

/// The passes of a stage through all steps as its lane would have them.
SpanLane laneOf(const PipelineSchedule& schedule, const std::vector<PipelineSpan>& passes) {
    SpanLane lane(0, Lane::Compute);
    for (const PipelineSpan& pass : passes) {
        LaneSpan span;
        span.begin = nsOf(pass.begin);
        span.end = nsOf(pass.end);
        span.step = pass.op.microBatch / schedule.microBatches;
        span.microBatch = static_cast<std::int16_t>(pass.op.microBatch % schedule.microBatches);
        if (schedule.chunks > 1) span.chunk = static_cast<std::int16_t>(pass.op.chunk);
        if (pass.recomputed > 0) {
            LaneSpan again = span;
            again.phase = Phase::Recompute;
            again.end = span.begin = nsOf(pass.begin + pass.recomputed);
            lane.add(again);
        }
        span.phase = pass.op.pass == Pass::Forward          ? Phase::Forward
                     : pass.op.pass == Pass::BackwardWeight ? Phase::BackwardWeight
                                                            : Phase::BackwardInput;
        span.fused = pass.op.pass == Pass::Backward;
        lane.add(span);
    }
    return lane;
}

}  // namespace

std::optional<IdealSchedule> IdealSchedule::of(const StagePlan& plan, const StageTimes& times,
                                               std::optional<std::int64_t> steps,
                                               std::span<const double> computing) {
    IdealSchedule ideal;
    const bool freezes = plan.frozenLayers > 0 && (!steps || plan.freezeAfter < *steps);
    const auto freezeAfter = std::min<std::int64_t>(plan.freezeAfter, std::numeric_limits<int>::max());
    if (!freezes || freezeAfter > 0) {
        auto era = eraOf(plan.schedule, times, 0, freezes ? std::optional(freezeAfter) : steps, computing);
        if (!era) return {};
        ideal.eras_.push_back(std::move(*era));
    }
    if (freezes) {
        auto era = eraOf(plan.frozenSchedule, times, static_cast<int>(freezeAfter), steps, computing);
        if (!era) return {};
        ideal.eras_.push_back(std::move(*era));
    }
    return ideal;
}

std::optional<IdealSchedule::Era> IdealSchedule::eraOf(const PipelineSchedule& schedule,
                                                       const StageTimes& times, int first,
                                                       std::optional<std::int64_t> end,
                                                       std::span<const double> computing) {
    std::int64_t passes = 1;
    for (const auto& list : schedule.stages) passes += static_cast<std::int64_t>(list.size());
    std::int64_t most = std::clamp<std::int64_t>(kMostPasses / passes, 3, kMostSteps);
    if (end) most = std::clamp<std::int64_t>(*end - first, 1, most);
    const auto played = playSteps(schedule, times, static_cast<int>(most));
    if (!played) return {};

    Era era;
    era.first = first;
    era.end = end;
    era.steps.resize(static_cast<std::size_t>(most));
    std::vector<SpanLane> lanes;
    for (const auto& list : played->whole.stages) lanes.push_back(laneOf(schedule, list));
    for (std::size_t stage = 0; stage < lanes.size(); ++stage) {
        StageLedger ledger;
        ledger.follow(lanes[stage]);
        for (std::size_t i = 0; i < era.steps.size(); ++i) {
            Stage& own = era.steps[i].stages.emplace_back();
            if (const StageStep* step = ledger.step(static_cast<int>(i))) own.step = *step;
            if (stage < computing.size())
                own.step.busy = std::llround(static_cast<double>(own.step.busy) * computing[stage]);
        }
        for (const LaneSpan& span : lanes[stage].spans())
            era.steps[static_cast<std::size_t>(span.step)].stages[stage].spans.push_back(span);
    }
    for (Step& step : era.steps) {
        std::int64_t begin = std::numeric_limits<std::int64_t>::max();
        for (const Stage& stage : step.stages)
            if (!stage.spans.empty()) begin = std::min(begin, stage.step.begin);
        std::vector<StageShare> shares;
        for (Stage& stage : step.stages) {
            for (LaneSpan& span : stage.spans) span.begin -= begin, span.end -= begin;
            stage.step.begin -= begin;
            stage.step.end -= begin;
            step.length = std::max(step.length, stage.step.end);
            shares.push_back({static_cast<double>(stage.step.time()), static_cast<double>(stage.step.busy)});
        }
        step.bubble = bubbleOf(shares);
    }
    return era;
}

const IdealSchedule::Step& IdealSchedule::Era::step(int number) const {
    const auto count = static_cast<std::int64_t>(steps.size());
    const std::int64_t place = std::max(0, number - first);
    // Some of the first ones, some of the last ones, and all others are like the one in the middle.
    if (place < count / 2) return steps[static_cast<std::size_t>(place)];
    if (end && *end - first == count) return steps[static_cast<std::size_t>(std::min(place, count - 1))];
    const std::int64_t left = end ? *end - number : count;
    const std::int64_t late = count - std::max<std::int64_t>(1, left);
    return steps[static_cast<std::size_t>(std::clamp(late, count / 2, count - 1))];
}

const IdealSchedule::Step& IdealSchedule::step(int number) const {
    const bool later = eras_.size() > 1 && number >= eras_.back().first;
    return later ? eras_.back().step(number) : eras_.front().step(number);
}

}  // namespace rondo::ui
