#include "engine/run/step_ledger.h"

namespace rondo {

StepLedger::StepLedger(int worldSize) : worldSize_(worldSize) {}

StepLedger::Open& StepLedger::at(Step step) {
    while (firstOpen_ + static_cast<std::int32_t>(open_.size()) <= step.value) {
        const auto n = static_cast<std::size_t>(worldSize_);
        open_.push_back({std::vector<double>(n), std::vector<std::int64_t>(n), std::vector<std::int64_t>(n)});
    }
    return open_[static_cast<std::size_t>(step.value - firstOpen_)];
}

StepLedger::Completed StepLedger::sumOf(Step step, const Open& open) {
    Completed all{step};
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
    Open& open = at(step);
    open.losses[rank.index()] = lossSum;
    open.samples[rank.index()] = samples;
    ++open.told;
}

std::optional<StepLedger::Completed> StepLedger::endStep(Rank rank, Step step, std::int64_t payloadBytes) {
    const std::lock_guard lock(mutex_);
    Open& open = at(step);
    open.payloadBytes[rank.index()] = payloadBytes;
    if (++open.ended < worldSize_) return std::nullopt;
    completed_.push_back(sumOf(step, open));
    samplesTrained_ += completed_.back().samples;
    while (!open_.empty() && open_.front().ended == worldSize_) {
        open_.pop_front();
        ++firstOpen_;
    }
    return completed_.back();
}

std::optional<double> StepLedger::lossOf(Step step) const {
    const std::lock_guard lock(mutex_);
    if (step.index() < completed_.size()) return completed_[step.index()].loss;
    const std::int32_t place = step.value - firstOpen_;
    if (place < 0 || place >= static_cast<std::int32_t>(open_.size())) return std::nullopt;
    const Open& open = open_[static_cast<std::size_t>(place)];
    if (open.told < worldSize_) return std::nullopt;
    return sumOf(step, open).loss;
}

std::vector<StepLedger::Completed> StepLedger::completed() const {
    const std::lock_guard lock(mutex_);
    return completed_;
}

std::int64_t StepLedger::stepsCompleted() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(completed_.size());
}

std::int64_t StepLedger::samplesTrained() const {
    const std::lock_guard lock(mutex_);
    return samplesTrained_;
}

}  // namespace rondo
