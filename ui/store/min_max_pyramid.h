#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <vector>

namespace rondo::ui {

/// Least and most of a stretch of values; those that are not finite are only noted.
struct Extent {
    double least = std::numeric_limits<double>::infinity(), most = -least;
    bool broken = false;  ///< some value is not finite
    bool empty() const { return !(least <= most); }
    void take(double value);
    void take(const Extent& other);
};

/// A growing column of values that tells the extent of any stretch of it in O(log size), so that painting a
/// run costs in proportion to pixels.
class MinMaxPyramid {
  public:
    void add(double value);
    void clear();
    std::size_t size() const { return values_.size(); }
    /// Of the values first … last−1; last ≤ size().
    Extent over(std::size_t first, std::size_t last) const;

  private:
    static constexpr std::size_t kFan = 16, kLevels = 5;
    std::vector<double> values_;
    std::array<std::vector<Extent>, kLevels> levels_;  ///< level k: one for every 16^(k+1) values
};

}  // namespace rondo::ui
