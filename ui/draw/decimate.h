#pragma once

#include <cstddef>
#include <vector>

#include "ui/store/min_max_pyramid.h"

namespace rondo::ui {

/// What the values of one pixel column look like.
struct Column {
    std::size_t first = 0, count = 0;  ///< which values
    Extent extent;
};

/// All values in at most `columns` columns of equal numbers of values (to one). Cost O(columns · log values);
/// no peak is lost.
std::vector<Column> columnsOf(const MinMaxPyramid& values, std::size_t columns);

/// Exponential smoothing as it goes: values that are not finite are skipped and restart it, so that a gap
/// stays a gap.
class Smoother {
  public:
    explicit Smoother(double keep) : keep_(keep) {}
    double add(double value);  ///< NaN for a value that is not finite
    void reset() { weight_ = 0, sum_ = 0; }

  private:
    double keep_, sum_ = 0, weight_ = 0;
};

}  // namespace rondo::ui
