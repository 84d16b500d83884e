#include "engine/run/step_ledger.h"

#include <numeric>
#include <stdexcept>
#include <utility>

namespace rondo {

namespace {
constexpr std::size_t kLatest = 64;
}

StepLedger::StepLedger(int workers, std::int64_t keepEvery, Grouping grouping, const Before& before)
    : workers_(workers),
      grouping_(grouping),
      bytesBefore_(before.payloadBytes),
      payloadBytes_(static_cast<std::size_t>(workers)),
      own_(payloadBytes_.size()),
      firstOpen_(static_cast<std::int32_t>(before.steps)),
      keepEvery_(keepEvery),
      stepsCompleted_(before.steps),
      samplesTrained_(before.samples) {}

StepLedger::Open& StepLedger::at(Step step) {
    if (step.value < firstOpen_) throw std::logic_error("a step that is over");
    while (firstOpen_ + static_cast<std::int32_t>(open_.size()) <= step.value) {
        const auto n = static_cast<std::size_t>(workers_);
        open_.push_back({std::vector<double>(n), std::vector<std::int64_t>(n), payloadBytes_, left_, left_});
    }
    return open_[static_cast<std::size_t>(step.value - firstOpen_)];
}

StepLedger::Completed StepLedger::sumOf(Step step, const Open& open) const {
    Completed all{step};
    all.payloadBytes = bytesBefore_;
    for (std::size_t r = 0; r < open.losses.size(); ++r) {
        all.loss += open.losses[r];
        all.samples += open.samples[r];
        all.payloadBytes += open.payloadBytes[r];
    }
    all.loss /= static_cast<double>(all.samples);
    return all;
}

void StepLedger::addLoss(Rank rank, Step step, double lossSum, std::int64_t samples) {
    const std::lock_guard lock(mutex_);
    if (grouping_ == Grouping::ByFurthest) {
        own_[rank.index()] = {lossSum, samples};
        return;
    }
    Open& open = at(step);
    open.losses[rank.index()] = lossSum;
    open.samples[rank.index()] = samples;
    ++open.told;
}

std::optional<StepLedger::Completed> StepLedger::countEnd(Step step) {
    Open& open = at(step);
    if (++open.ended < workers_) return std::nullopt;
    const Completed whole = sumOf(step, open);
    samplesTrained_ += whole.samples;
    keep(whole);
    while (!open_.empty() && open_.front().ended == workers_) {
        open_.pop_front();
        ++firstOpen_;
    }
    return whole;
}

std::optional<StepLedger::Completed> StepLedger::endStep(Rank rank, Step step, std::int64_t payloadBytes) {
    const std::lock_guard lock(mutex_);
    payloadBytes_[rank.index()] = payloadBytes;
    if (grouping_ == Grouping::ByStep) {
        at(step).payloadBytes[rank.index()] = payloadBytes;
        return countEnd(step);
    }
    return countFurthest(rank, step);
}

std::optional<StepLedger::Completed> StepLedger::countFurthest(Rank rank, Step step) {
    samplesTrained_ += own_[rank.index()].samples;
    together_ += own_[rank.index()];
    if (step.value < stepsCompleted_) return std::nullopt;
    const Own all = std::exchange(together_, {});
    const Completed whole{step, all.lossSum / static_cast<double>(all.samples), all.samples,
                          std::accumulate(payloadBytes_.begin(), payloadBytes_.end(), bytesBefore_)};
    keep(whole);
    return whole;
}

void StepLedger::keep(const Completed& whole) {
    ++stepsCompleted_;
    latest_.push_back(whole);
    if (latest_.size() > kLatest) latest_.pop_front();
    if (keepEvery_ > 0 && (whole.step.value + std::int64_t{1}) % keepEvery_ == 0) kept_[whole.step] = whole;
}

std::vector<StepLedger::Completed> StepLedger::skip(Rank rank, Step first, Step next) {
    const std::lock_guard lock(mutex_);
    std::vector<Completed> completed;
    for (Step step = first; step.value < next.value; ++step.value) {
        Open& open = at(step);
        open.losses[rank.index()] = 0;
        open.samples[rank.index()] = 0;
        open.payloadBytes[rank.index()] = payloadBytes_[rank.index()];
        ++open.told;
        if (const auto whole = countEnd(step)) completed.push_back(*whole);
    }
    return completed;
}

std::vector<StepLedger::Completed> StepLedger::leave(Rank rank, Step first) {
    const std::int32_t opened = [&] {
        const std::lock_guard lock(mutex_);
        // Where steps overlap it has yet to end some before `first`: those open with its part in them.
        if (first.value > firstOpen_) at(Step{first.value - 1});
        ++left_;
        return firstOpen_ + static_cast<std::int32_t>(open_.size());
    }();
    return skip(rank, first, Step{opened});
}

const StepLedger::Completed* StepLedger::find(Step step) const {
    if (!latest_.empty()) {
        const std::int64_t place = std::int64_t{step.value} - latest_.front().step.value;
        if (place >= 0 && place < static_cast<std::int64_t>(latest_.size()))
            return &latest_[static_cast<std::size_t>(place)];
    }
    const auto kept = kept_.find(step);
    return kept == kept_.end() ? nullptr : &kept->second;
}

std::optional<double> StepLedger::lossOf(Step step) const {
    const std::lock_guard lock(mutex_);
    if (const Completed* whole = find(step)) return whole->loss;
    const std::int32_t place = step.value - firstOpen_;
    if (place < 0 || place >= static_cast<std::int32_t>(open_.size())) return std::nullopt;
    const Open& open = open_[static_cast<std::size_t>(place)];
    if (open.told < workers_) return std::nullopt;
    return sumOf(step, open).loss;
}

std::optional<StepLedger::Completed> StepLedger::completed(Step step) const {
    const std::lock_guard lock(mutex_);
    const Completed* whole = find(step);
    return whole ? std::optional(*whole) : std::nullopt;
}

std::int64_t StepLedger::stepsCompleted() const {
    const std::lock_guard lock(mutex_);
    return stepsCompleted_;
}

std::int64_t StepLedger::samplesTrained() const {
    const std::lock_guard lock(mutex_);
    return samplesTrained_;
}

std::int64_t StepLedger::payloadBytes() const {
    const std::lock_guard lock(mutex_);
    return std::accumulate(payloadBytes_.begin(), payloadBytes_.end(), bytesBefore_);
}

}  // namespace rondo
