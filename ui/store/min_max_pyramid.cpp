#include "ui/store/min_max_pyramid.h"

#include <algorithm>
#include <cmath>

namespace rondo::ui {

void Extent::take(double value) {
    if (!std::isfinite(value)) {
        broken = true;
        return;
    }
    least = std::min(least, value);
    most = std::max(most, value);
}

void Extent::take(const Extent& other) {
    least = std::min(least, other.least);
    most = std::max(most, other.most);
    broken = broken || other.broken;
}

void MinMaxPyramid::add(double value) {
    std::size_t block = values_.size();
    values_.push_back(value);
    for (auto& level : levels_) {
        block /= kFan;
        if (block == level.size()) level.emplace_back();
        level.back().take(value);
    }
}

void MinMaxPyramid::clear() {
    values_.clear();
    for (auto& level : levels_) level.clear();
}

Extent MinMaxPyramid::over(std::size_t first, std::size_t last) const {
    Extent extent;
    // Edges that fill no block are taken on the level at hand, the blocks between them one level up.
    for (std::size_t level = 0; first < last; ++level) {
        const auto take = [&](std::size_t i) {
            if (level == 0)
                extent.take(values_[i]);
            else
                extent.take(levels_[level - 1][i]);
        };
        const bool top = level == kLevels;
        while (first < last && (top || first % kFan != 0)) take(first++);
        while (first < last && last % kFan != 0) take(--last);
        first /= kFan;
        last /= kFan;
    }
    return extent;
}

}  // namespace rondo::ui
