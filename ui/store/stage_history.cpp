#include "ui/store/stage_history.h"

#include <limits>

#include "ui/store/lookup.h"

namespace rondo::ui {

namespace {

// More change no digit that is shown, and would cost more than a frame has.
constexpr int kMostLookedAt = 4096;

PassTimes timesFrom(const PassMeans& means) {
    PassTimes times;
    times.forward = means.forward > 0 ? means.forward : means.recompute;
    times.message = 0;
    if (means.backwardInput > 0 || means.backwardWeight > 0) {
        times.backwardInput = means.backwardInput;
        times.backwardWeight = means.backwardWeight;
    } else {
        // Nobody needs to know how it divides: the schedule has both in one.
        times.backwardInput = means.backward;
        times.backwardWeight = 0;
    }
    return times;
}

}  // namespace

void StageHistory::reset() {
    plan_.reset();
    modelled_.reset();
    ideal_.reset();
    ranks_.clear();
    playedAt_ = 0;
    playedOver_ = false;
    const RunSpec& spec = store_.spec();
    if (!store_.hasRun() || !stagesOf(spec)) return;
    try {
        const ModelPlan model = planModel(spec, expectedShape(spec.data));
        plan_ = planStages(spec, model);
        modelled_ = stageTimes(spec, model, *plan_);
    } catch (const BadInput&) {
        plan_.reset();  // a run of settings that can't be: it will tell so itself
        return;
    }
    ranks_.resize(static_cast<std::size_t>(spec.workers));
    for (int rank = 0; rank < static_cast<int>(ranks_.size()); ++rank)
        ranks_[static_cast<std::size_t>(rank)].memory =
            StageMemory(StageMemory::Rules::of(*plan_, stageOf(rank)));
    follow();
}

bool StageHistory::isStage(int rank) const {
    return any() && rank >= 0 && rank < static_cast<int>(ranks_.size());
}

int StageHistory::stageOf(int rank) const {
    return placeOf(plan_->mesh, Rank{rank}).stage;
}

bool StageHistory::idealIsMeasured() const {
    // The cost model of a pass knows nothing of the sums that tensor ranks make in the middle of it.
    return !store_.virtualTime() || plan_->mesh.tensor > 1;
}

void StageHistory::follow() {
    if (!any()) return;
    for (const SpanLane& lane : store_.lanes()) {
        if (lane.lane() != Lane::Compute || !isStage(lane.rank())) continue;
        OfRank& rank = ranks_[static_cast<std::size_t>(lane.rank())];
        rank.ledger.follow(lane);
        rank.memory.follow(lane);
    }
    playIdeal();
}

StageTimes StageHistory::measuredTimes() const {
    StageTimes times = *modelled_;
    for (std::size_t i = 0; i < times.parts.size(); ++i) {
        const int part = static_cast<int>(i), stage = plan_->stageOf(part);
        const Rank rank = rankOf(plan_->mesh, {0, stage, 0});
        const StageLedger& ledger = ledgerOf(rank.value);
        const double message = store_.virtualTime() ? times.parts[i].message : 0;
        times.parts[i] = timesFrom(ledger.means(part / plan_->mesh.pipeline));
        times.parts[i].message = message;
        times.updates[static_cast<std::size_t>(stage)] = ledger.meanUpdate();
    }
    return times;
}

void StageHistory::playIdeal() {
    const std::int64_t planned = store_.started()->plannedSteps;
    const auto steps = planned > 0 ? std::optional(planned) : std::nullopt;
    if (!idealIsMeasured()) {
        if (playedAt_ > 0) return;
        playedAt_ = 1;
        ideal_ = IdealSchedule::of(*plan_, *modelled_, steps);
        return;
    }
    // Means settle: they are looked at again when there are many more, and in the end.
    const std::size_t known = store_.steps().size();
    const bool last = store_.over() && !playedOver_;
    if (known == 0 || (known < playedAt_ + playedAt_ / 4 + 1 && !last)) return;
    playedAt_ = known;
    playedOver_ = store_.over();
    std::vector<double> computing;
    for (int stage = 0; stage < plan_->mesh.pipeline; ++stage)
        computing.push_back(ledgerOf(rankOf(plan_->mesh, {0, stage, 0}).value).computingShare());
    ideal_ = IdealSchedule::of(*plan_, measuredTimes(), steps, computing);
}

std::optional<std::int64_t> StageHistory::beginOf(int step, int rank) const {
    std::optional<std::int64_t> begin;
    MeshPlace place = placeOf(plan_->mesh, Rank{rank});
    for (place.stage = 0; place.stage < plan_->mesh.pipeline; ++place.stage) {
        const StageStep* own = ledgerOf(rankOf(plan_->mesh, place).value).step(step);
        if (own && (!begin || own->begin < *begin)) begin = own->begin;
    }
    return begin;
}

BubbleShares StageHistory::bubbles(std::int64_t from, std::int64_t to) const {
    BubbleShares shares;
    if (!any()) return shares;
    // Steps that begin and end in sight on every stage.
    std::int64_t first = std::numeric_limits<std::int64_t>::min(),
                 last = std::numeric_limits<std::int64_t>::max();
    const std::int64_t middle = from + (to - from) / 2;
    std::int64_t over = kNone;  // the step that lies over the middle, where none is whole
    for (const OfRank& rank : ranks_) {
        const auto steps = rank.ledger.between(from, to);
        std::size_t begin = 0, end = steps.size();
        while (begin < end && steps[begin].begin < from) ++begin;
        while (end > begin && steps[end - 1].end > to) --end;
        first = begin < end ? std::max<std::int64_t>(first, steps[begin].step)
                            : std::numeric_limits<std::int64_t>::max();
        last = begin < end ? std::min<std::int64_t>(last, steps[end - 1].step) : kNone;
        for (const StageStep& step : steps)
            if (step.begin <= middle && middle < step.end) over = step.step;
        if (begin == end) break;
    }
    if (first > last) {
        if (over == kNone) return shares;
        first = last = over;
    }
    const std::int64_t stride = std::max<std::int64_t>(1, (last - first + 1) / kMostLookedAt);

    const int stages = plan_->mesh.pipeline;
    std::vector<StageShare> sums(ranks_.size()), ideals(static_cast<std::size_t>(stages)), ofStep;
    double idealSum = 0;
    for (std::int64_t number = first; number <= last; number += stride) {
        const int step = static_cast<int>(number);
        ofStep.clear();
        for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
            const StageStep* own = ranks_[rank].ledger.step(step);
            if (!own) continue;
            ofStep.push_back({static_cast<double>(own->time()), static_cast<double>(own->busy)});
            sums[rank].time += ofStep.back().time;
            sums[rank].busy += ofStep.back().busy;
        }
        if (ofStep.empty()) continue;
        shares.measured += bubbleOf(ofStep);
        ++shares.steps;
        if (!ideal_) continue;
        const IdealSchedule::Step& ideal = ideal_->step(step);
        idealSum += ideal.bubble;
        for (std::size_t stage = 0; stage < ideals.size(); ++stage) {
            ideals[stage].time += static_cast<double>(ideal.stages[stage].step.time());
            ideals[stage].busy += static_cast<double>(ideal.stages[stage].step.busy);
        }
    }
    if (shares.steps == 0) return shares;
    shares.measured /= shares.steps;
    if (ideal_) shares.ideal = idealSum / shares.steps;
    const auto shareOf = [](const StageShare& sum) { return sum.time > 0 ? 1 - sum.busy / sum.time : 0; };
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
        BubbleShares::Stage& own = shares.ranks.emplace_back();
        own.measured = shareOf(sums[rank]);
        if (ideal_) own.ideal = shareOf(ideals[static_cast<std::size_t>(stageOf(static_cast<int>(rank)))]);
    }
    return shares;
}

}  // namespace rondo::ui
