#include "engine/algorithms/clock_spread.h"

#include <algorithm>

namespace rondo {

void ClockSpread::advance(Rank worker, std::int64_t clock) {
    std::int64_t& present = clocks_[worker.index()];
    if (clock <= present) return;
    --workersAt_[static_cast<std::size_t>(present - slowest_)];
    present = clock;
    const auto place = static_cast<std::size_t>(clock - slowest_);
    if (workersAt_.size() <= place) workersAt_.resize(place + 1);
    ++workersAt_[place];
}

void ClockSpread::measure() {
    const auto first = std::find_if(workersAt_.begin(), workersAt_.end(), [](int n) { return n > 0; });
    slowest_ += first - workersAt_.begin();
    workersAt_.erase(workersAt_.begin(), first);
    most_ = std::max(most_, static_cast<std::int64_t>(workersAt_.size()) - 1);
}

}  // namespace rondo
