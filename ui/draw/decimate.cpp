#include "ui/draw/decimate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rondo::ui {

std::vector<Column> columnsOf(std::size_t count, const std::function<double(std::size_t)>& value,
                              std::size_t columns) {
    const std::size_t made = std::min(count, columns);
    std::vector<Column> all(made);
    for (std::size_t c = 0; c < made; ++c) {
        Column& column = all[c];
        column.first = c * count / made;
        column.count = (c + 1) * count / made - column.first;
        column.least = std::numeric_limits<double>::infinity();
        column.most = -column.least;
        double sum = 0;
        std::size_t finite = 0;
        for (std::size_t i = column.first; i < column.first + column.count; ++i) {
            const double v = value(i);
            if (!std::isfinite(v)) {
                column.broken = true;
                continue;
            }
            column.least = std::min(column.least, v);
            column.most = std::max(column.most, v);
            sum += v;
            ++finite;
        }
        column.mean = finite ? sum / static_cast<double>(finite) : std::numeric_limits<double>::quiet_NaN();
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
