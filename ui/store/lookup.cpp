#include "ui/store/lookup.h"

#include <algorithm>
#include <cmath>

namespace rondo::ui {

std::optional<std::size_t> stepIndexAt(std::span<const StepPoint> steps, double seconds) {
    if (steps.empty()) return {};
    const auto it = std::partition_point(
        steps.begin(), steps.end(), [seconds](const StepPoint& step) { return step.seconds <= seconds; });
    return std::min(static_cast<std::size_t>(it - steps.begin()), steps.size() - 1);
}

std::optional<std::size_t> indexOfStep(std::span<const StepPoint> steps, int step) {
    const auto it = std::partition_point(steps.begin(), steps.end(),
                                         [step](const StepPoint& point) { return point.step < step; });
    if (it == steps.end() || it->step != step) return {};
    return static_cast<std::size_t>(it - steps.begin());
}

double beginOf(std::span<const StepPoint> steps, std::size_t index) {
    return steps[index].begin;
}

double secondsOfStep(std::span<const StepPoint> steps, std::size_t index) {
    return std::max(0.0, steps[index].seconds - beginOf(steps, index));
}

double stepsPerEpoch(const RunStore& store) {
    const auto& steps = store.steps();
    if (!steps.empty()) {
        const int epoch = steps.front().epoch;  // not the first one when the oldest steps are forgotten
        const auto next = std::partition_point(
            steps.begin(), steps.end(), [epoch](const StepPoint& step) { return step.epoch <= epoch; });
        if (next != steps.end()) return std::max(1.0, static_cast<double>(next->step) / (epoch + 1));
    }
    const RunSpec& spec = store.spec();
    const auto train = std::visit([](const auto& data) { return data.train; }, spec.data);
    const auto batch = spec.batch * spec.workers;
    if (train > 0 && batch > 0)
        return std::max(1.0, std::ceil(static_cast<double>(train) / static_cast<double>(batch)));
    return steps.empty() ? 1 : steps.back().step + 1;
}

const SpanLane* laneOf(const RunStore& store, int rank, Lane lane) {
    const auto& lanes = store.lanes();
    const auto it = std::partition_point(lanes.begin(), lanes.end(), [&](const SpanLane& other) {
        return std::pair(other.rank(), other.lane()) < std::pair(rank, lane);
    });
    return it != lanes.end() && it->rank() == rank && it->lane() == lane ? &*it : nullptr;
}

PhaseShares sharesOfStep(const SpanLane& lane, int step, std::int64_t until) {
    PhaseShares shares;
    const auto spans = lane.spans();
    const auto end = std::partition_point(spans.begin(), spans.end(),
                                          [until](const LaneSpan& span) { return span.begin < until; });
    auto left = PhaseShares::kMostSpans;
    for (auto span = end; span != spans.begin() && left > 0; --left) {
        --span;
        if (span->step != kNone && span->step < step) break;
        if (span->step != step) continue;
        const double seconds = static_cast<double>(span->end - span->begin) * 1e-9;
        shares.of[static_cast<std::size_t>(span->phase)] += seconds;
        shares.total += seconds;
    }
    if (shares.total > 0) {
        for (double& share : shares.of) share /= shares.total;
    }
    return shares;
}

}  // namespace rondo::ui
