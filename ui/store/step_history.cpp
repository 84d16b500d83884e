#include "ui/store/step_history.h"

#include <algorithm>

namespace rondo::ui {

void StepHistory::add(StepPoint point) {
    point.begin = points_.empty() ? 0 : points_.back().seconds;
    if (points_.size() >= std::max<std::size_t>(most_, 2)) {
        points_.erase(points_.begin(), points_.begin() + static_cast<std::ptrdiff_t>(points_.size() / 2));
        durations_.clear();
        for (const StepPoint& kept : points_) durations_.add(std::max(0.0, kept.seconds - kept.begin));
    }
    points_.push_back(point);
    durations_.add(std::max(0.0, point.seconds - point.begin));
    ++ever_;
}

void StepHistory::clear() {
    points_.clear();
    durations_.clear();
    ever_ = 0;
}

}  // namespace rondo::ui
