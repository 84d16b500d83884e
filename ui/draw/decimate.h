#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace rondo::ui {

/// What the values of one pixel column look like.
struct Column {
    std::size_t first = 0, count = 0;      ///< which values
    double least = 0, most = 0, mean = 0;  ///< of the finite ones
    bool broken = false;                   ///< some value is not finite
    bool empty() const { return count == 0 || !(least <= most); }
};

/// Values 0 … count−1 in at most `columns` columns of equal numbers of values (to one). Cost O(count); no
/// peak is lost.
std::vector<Column> columnsOf(std::size_t count, const std::function<double(std::size_t)>& value,
                              std::size_t columns);

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
