#include "engine/run/bubble_meter.h"

namespace rondo {

void BubbleMeter::add(std::int64_t step, const StageShare& stage) {
    const std::lock_guard lock(mutex_);
    auto& told = open_[step];
    told.push_back(stage);
    if (static_cast<int>(told.size()) < ranks_) return;
    sum_.fractions += bubbleOf(told);
    ++sum_.steps;
    open_.erase(step);
}

std::optional<double> BubbleMeter::fraction() const {
    const auto [fractions, steps] = sum();
    return steps > 0 ? std::optional(fractions / static_cast<double>(steps)) : std::nullopt;
}

BubbleMeter::Sum BubbleMeter::sum() const {
    const std::lock_guard lock(mutex_);
    return sum_;
}

}  // namespace rondo
