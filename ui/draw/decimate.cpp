#include "ui/draw/decimate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rondo::ui {

std::vector<Column> columnsOf(const MinMaxPyramid& values, std::size_t columns) {
    const std::size_t count = values.size(), made = std::min(count, columns);
    std::vector<Column> all(made);
    for (std::size_t c = 0; c < made; ++c) {
        Column& column = all[c];
        column.first = c * count / made;
        column.count = (c + 1) * count / made - column.first;
        column.extent = values.over(column.first, column.first + column.count);
    }
    return all;
}

double Smoother::add(double value) {
    if (!std::isfinite(value)) {
        reset();
        return std::numeric_limits<double>::quiet_NaN();
    }
    // Divided by the sum of weights, so that the first values are not pulled to zero.
    sum_ = keep_ * sum_ + (1 - keep_) * value;
    weight_ = keep_ * weight_ + (1 - keep_);
    return sum_ / weight_;
}

}  // namespace rondo::ui
