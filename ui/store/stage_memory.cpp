#include "ui/store/stage_memory.h"

#include <limits>
#include <utility>

#include "ui/store/stage_ledger.h"

namespace rondo::ui {

StageMemory::Rules StageMemory::Rules::of(const StagePlan& plan, int stage) {
    Rules rules;
    rules.chunks = plan.chunks();
    rules.recompute = plan.schedule.recompute;
    rules.streams = plan.streams();
    rules.updatesEachMicroBatch = plan.updatesEachMicroBatch();
    rules.microBatches = plan.microBatches();
    rules.delay = plan.mesh.pipeline - 1 - stage;
    for (int chunk = 0; chunk < plan.chunks(); ++chunk)
        rules.frozenChunks += plan.partOf(stage, chunk) < plan.frozenSchedule.frozenParts;
    rules.freezeAfter = plan.frozenLayers > 0 ? plan.freezeAfter : std::numeric_limits<std::int64_t>::max();
    return rules;
}

void StageMemory::follow(const SpanLane& lane) {
    follower_.follow(
        lane,
        [&] {
            now_ = {};
            blocks_.clear();
            peak_ = {};
        },
        [&](const LaneSpan& span) {
            if (follower_.taken() % kBlock == 0) blocks_.push_back({now_, levelOf(now_)});
            begin(now_, span);
            const StageLevel level = levelOf(now_);
            end(now_, span);
            for (StageLevel* most : {&blocks_.back().most, &peak_}) {
                most->activations = std::max(most->activations, level.activations);
                most->versions = std::max(most->versions, level.versions);
            }
        });
}

bool StageMemory::keeps(const LaneSpan& span) const {
    return span.step < rules_.freezeAfter || std::max<int>(0, span.chunk) >= rules_.frozenChunks;
}

std::int64_t StageMemory::number(const LaneSpan& span) const {
    return static_cast<std::int64_t>(span.step) * rules_.microBatches + std::max<int>(0, span.microBatch);
}

void StageMemory::begin(State& state, const LaneSpan& span) const {
    if (span.step == kNone) return;
    if (span.step > state.step) {
        state.step = span.step;
        // Nothing is kept from one batch to the next; what seems to be is of spans that got lost.
        if (!rules_.streams) state.activations = 0;
    }
    if (!isPass(span.phase) || !keeps(span)) return;
    const Pass pass{span.phase, span.microBatch, span.chunk, span.step};
    if (std::exchange(state.pass, pass) == pass) return;
    if (rules_.streams && span.phase == Phase::Forward) state.newest = number(span);
    if (span.phase == (rules_.recompute ? Phase::Recompute : Phase::Forward)) ++state.activations;
}

void StageMemory::end(State& state, const LaneSpan& span) const {
    if (span.step == kNone) return;
    const bool frees =
        span.phase == Phase::BackwardWeight || (span.phase == Phase::BackwardInput && span.fused);
    if (!frees || !keeps(span) || std::exchange(state.freedBy, state.pass) == state.pass) return;
    state.activations = std::max(0, state.activations - 1);
    if (rules_.streams) state.freed = number(span) + 1;
}

StageLevel StageMemory::levelOf(const State& state) const {
    StageLevel level;
    level.activations = state.activations;
    if (!rules_.streams) return level;
    // First in, first out: between the latest forward and the latest backward all are under way.
    const std::int64_t underWay = std::max<std::int64_t>(0, state.newest + 1 - state.freed);
    if (!rules_.recompute) level.activations = static_cast<int>(underWay);
    if (rules_.updatesEachMicroBatch) {
        // From the version that the oldest under way uses to the latest.
        const std::int64_t oldest = std::max<std::int64_t>(0, state.freed - rules_.delay);
        if (underWay > 0) level.versions = static_cast<int>(state.freed - oldest + 1);
    } else {
        // 2BW computes with the version before the latest: of the first two batches they are one.
        level.versions = state.freed >= rules_.microBatches ? 2 : 1;
    }
    return level;
}

StageLevel StageMemory::most(const SpanLane& lane, std::size_t first, std::size_t last) const {
    StageLevel most;
    const auto with = [&most](const StageLevel& level) {
        most.activations = std::max(most.activations, level.activations);
        most.versions = std::max(most.versions, level.versions);
    };
    if (last - first <= kBlock) {
        each(lane, first, last,
             [&](const LaneSpan&, const StageLevel& during, const StageLevel&) { with(during); });
    } else {
        for (std::size_t block = first / kBlock; block <= (last - 1) / kBlock; ++block)
            with(blocks_[block].most);
    }
    return most;
}

}  // namespace rondo::ui
