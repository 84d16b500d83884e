#include "ui/store/race_track.h"

#include <algorithm>

namespace rondo::ui {

RaceTrack::RaceTrack(std::vector<std::vector<RaceSpan>> stages, int chunks) : chunks_(chunks) {
    Changes everywhere;
    for (auto& spans : stages) {
        Lane lane{std::move(spans), {}, {}};
        Changes here;
        double busy = 0;
        for (const RaceSpan& span : lane.spans) {
            lane.busyBefore.push_back(busy);
            busy += span.end - span.begin;
            if (span.takes) here.emplace_back(span.begin, 1.0 / chunks);
            if (span.frees) here.emplace_back(span.end, -1.0 / chunks);
            borders_.push_back(span.begin);
            borders_.push_back(span.end);
            end_ = std::max(end_, span.end);
        }
        everywhere.insert(everywhere.end(), here.begin(), here.end());
        lane.held = heldFrom(std::move(here));
        lanes_.push_back(std::move(lane));
    }
    all_ = heldFrom(std::move(everywhere));
    std::sort(borders_.begin(), borders_.end());
    borders_.erase(std::unique(borders_.begin(), borders_.end()), borders_.end());
}

RaceTrack RaceTrack::of(const PipelineSchedule& schedule, const PlayedSchedule& played, double unit) {
    std::vector<std::vector<RaceSpan>> stages;
    for (int stage = 0; stage < schedule.stageCount(); ++stage) {
        auto& spans = stages.emplace_back();
        for (const PipelineSpan& one : played.stages[place(stage)]) {
            const Pass pass = one.op.pass;
            const int part = schedule.partOf(one.op, stage);
            RaceSpan span;
            span.begin = one.begin * unit;
            span.end = one.end * unit;
            span.microBatch = one.op.microBatch;
            span.chunk = one.op.chunk;
            span.phase = pass == Pass::Forward          ? Phase::Forward
                         : pass == Pass::BackwardWeight ? Phase::BackwardWeight
                                                        : Phase::BackwardInput;
            span.fused = pass == Pass::Backward;
            span.takes = schedule.takesActivations(pass, part);
            span.frees = schedule.freesActivations(pass, part);
            if (one.recomputed > 0) {
                RaceSpan again = span;
                again.phase = Phase::Recompute;
                again.fused = again.frees = false;
                again.end = (one.begin + one.recomputed) * unit;
                spans.push_back(again);
                span.begin = again.end;
                span.takes = false;
            }
            spans.push_back(span);
        }
    }
    return RaceTrack(std::move(stages), schedule.chunks);
}

std::vector<RaceTrack::Held> RaceTrack::heldFrom(Changes changes) {
    // What is freed at a moment makes room for what is taken at the same.
    std::sort(changes.begin(), changes.end());
    std::vector<Held> held;
    Held now;
    for (const auto& [at, by] : changes) {
        now.at = at;
        now.held += by;
        now.peak = std::max(now.peak, now.held);
        held.push_back(now);
    }
    return held;
}

const RaceTrack::Held* RaceTrack::heldAt(const std::vector<Held>& held, double seconds) {
    const auto after = std::partition_point(held.begin(), held.end(),
                                            [seconds](const Held& one) { return one.at <= seconds; });
    return after == held.begin() ? nullptr : &*std::prev(after);
}

StageMoment RaceTrack::at(int stage, double seconds) const {
    const Lane& lane = lanes_[place(stage)];
    StageMoment moment;
    if (lane.spans.empty()) {
        moment.over = true;
        return moment;
    }
    const double first = lane.spans.front().begin, last = lane.spans.back().end;
    const auto after =
        std::partition_point(lane.spans.begin(), lane.spans.end(),
                             [seconds](const RaceSpan& span) { return span.begin <= seconds; });
    if (after != lane.spans.begin()) {
        const auto at = static_cast<std::size_t>(after - lane.spans.begin()) - 1;
        const RaceSpan& span = lane.spans[at];
        moment.busy = lane.busyBefore[at] + std::min(seconds, span.end) - span.begin;
        moment.waited = std::max(0.0, std::min(seconds, last) - first - moment.busy);
    }
    if (const Held* held = heldAt(lane.held, seconds)) {
        moment.held = held->held;
        moment.peak = held->peak;
    }
    moment.over = seconds >= last;
    return moment;
}

StageMoment RaceTrack::total(double seconds) const {
    StageMoment total;
    total.over = seconds >= end_;
    for (int stage = 0; stage < stages(); ++stage) {
        const StageMoment one = at(stage, seconds);
        // Sums of the same times in another order may differ in their last digits.
        if (one.busy + one.waited <= (total.busy + total.waited) * (1 + 1e-12)) continue;
        total.busy = one.busy;
        total.waited = one.waited;
    }
    if (const Held* held = heldAt(all_, seconds)) {
        total.held = held->held;
        total.peak = held->peak;
    }
    return total;
}

double RaceTrack::border(double seconds, bool back) const {
    const auto from = std::lower_bound(borders_.begin(), borders_.end(), seconds);
    if (back) return from == borders_.begin() ? 0 : *std::prev(from);
    const auto after = std::upper_bound(from, borders_.end(), seconds);
    return after == borders_.end() ? end_ : *after;
}

}  // namespace rondo::ui
