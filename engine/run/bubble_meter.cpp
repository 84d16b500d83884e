#include "engine/run/bubble_meter.h"

namespace rondo {

void BubbleMeter::add(std::int64_t step, const StageShare& stage) {
    const std::lock_guard lock(mutex_);
    auto& told = open_[step];
    told.push_back(stage);
    if (static_cast<int>(told.size()) < ranks_) return;
    sum_ += bubbleOf(told);
    ++steps_;
    open_.erase(step);
}

std::optional<double> BubbleMeter::fraction() const {
    const std::lock_guard lock(mutex_);
    return steps_ > 0 ? std::optional(sum_ / static_cast<double>(steps_)) : std::nullopt;
}

}  // namespace rondo
