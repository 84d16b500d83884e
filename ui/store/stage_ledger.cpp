#include "ui/store/stage_ledger.h"

#include <utility>

namespace rondo::ui {

bool isPass(Phase phase) {
    return phase == Phase::Forward || phase == Phase::BackwardInput || phase == Phase::BackwardWeight ||
           phase == Phase::Recompute;
}

void StageLedger::follow(const SpanLane& lane) {
    follower_.follow(
        lane, [this] { *this = StageLedger(*this, Anew()); }, [this](const LaneSpan& span) { take(span); });
}

StageLedger::StageLedger(const StageLedger& other, Anew) : follower_(other.follower_) {}

void StageLedger::take(const LaneSpan& span) {
    average(span);
    if (span.step == kNone || !isPass(span.phase)) return;
    // Of a step whose begin is forgotten nothing can be said.
    if (follower_.beganLate() && span.step <= firstStep_) return;
    const std::int64_t before = busy_;
    busy_ += span.end - span.begin;
    auto place = std::partition_point(steps_.begin(), steps_.end(),
                                      [&](const StageStep& step) { return step.step < span.step; });
    const auto index = place - steps_.begin();
    if (place == steps_.end() || place->step != span.step) {
        place = steps_.insert(place, {span.step, span.begin, span.end, 0});
        busyBefore_.insert(busyBefore_.begin() + index, before);
    }
    place->end = std::max(place->end, span.end);
    place->busy = busy_ - busyBefore_[static_cast<std::size_t>(index)];
}

void StageLedger::average(const LaneSpan& span) {
    if (span.step == kNone) return;
    if (firstStep_ == kNone) firstStep_ = span.step;
    const std::size_t era = span.step == firstStep_ ? 0 : 1;
    const std::int64_t ns = span.end - span.begin;
    if (span.phase == Phase::Update) {
        updates_[era].ns += ns;
        ++updates_[era].count;
    } else if (span.phase == Phase::Synchronise && span.microBatch != kNone) {
        if (!pass_.sum || pass_.microBatch != span.microBatch) return;
        (sums_[pass_.era][pass_.chunk].*pass_.sum).ns += ns;
        sumNs_ += ns;
    } else if (isPass(span.phase)) {
        passNs_ += ns;
        const auto chunk = static_cast<std::size_t>(std::max<int>(0, span.chunk));
        if (sums_[era].size() <= chunk) sums_[era].resize(chunk + 1);
        const Pass pass{era, chunk,
                        span.phase == Phase::Forward          ? &Sums::forward
                        : span.phase == Phase::Recompute      ? &Sums::recompute
                        : span.phase == Phase::BackwardWeight ? &Sums::backwardWeight
                        : span.fused                          ? &Sums::backward
                                                              : &Sums::backwardInput,
                        span.step, span.microBatch};
        Sum& sum = sums_[era][chunk].*pass.sum;
        sum.ns += ns;
        sum.count += std::exchange(pass_, pass) != pass;
    }
}

const StageStep* StageLedger::step(int number) const {
    if (steps_.empty()) return nullptr;
    // Steps follow each other; where some are missing, the place is further left.
    const auto guess = static_cast<std::int64_t>(number) - steps_.front().step;
    if (guess >= 0 && guess < static_cast<std::int64_t>(steps_.size()) &&
        steps_[static_cast<std::size_t>(guess)].step == number)
        return &steps_[static_cast<std::size_t>(guess)];
    const auto place = std::partition_point(steps_.begin(), steps_.end(),
                                            [&](const StageStep& step) { return step.step < number; });
    return place != steps_.end() && place->step == number ? &*place : nullptr;
}

std::span<const StageStep> StageLedger::between(std::int64_t from, std::int64_t to) const {
    // Where batches aren't flushed steps overlap, but both begins and ends are in order.
    const auto first = std::partition_point(steps_.begin(), steps_.end(),
                                            [&](const StageStep& step) { return step.end <= from; });
    const auto last =
        std::partition_point(first, steps_.end(), [&](const StageStep& step) { return step.begin < to; });
    return {first, last};
}

PassMeans StageLedger::means(int chunk) const {
    const auto place = static_cast<std::size_t>(std::max(0, chunk));
    const auto& chunks = sums_[1].size() > place ? sums_[1] : sums_[0];
    if (chunks.size() <= place) return {};
    const Sums& sums = chunks[place];
    return {sums.forward.mean(), sums.backward.mean(), sums.backwardInput.mean(), sums.backwardWeight.mean(),
            sums.recompute.mean()};
}

double StageLedger::computingShare() const {
    const std::int64_t all = passNs_ + sumNs_;
    return all > 0 ? static_cast<double>(passNs_) / static_cast<double>(all) : 1;
}

double StageLedger::meanUpdate() const {
    return (updates_[1].count > 0 ? updates_[1] : updates_[0]).mean();
}

}  // namespace rondo::ui
