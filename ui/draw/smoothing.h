#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace rondo::ui {

/// Over how many steps a curve may be smoothed, from nothing to much: where a slider can stand.
inline constexpr std::array<int, 11> kSmoothing{1, 2, 3, 5, 8, 12, 20, 35, 60, 100, 200};
inline constexpr int kUsualSmoothing = 3;  ///< place in it: 5 steps

/// What an exponential mean keeps of itself at every step to look back over about so many steps; 0 for 1.
double keptShare(double steps);

/// Each value smoothed with those before it. Where one is not a finite number the curve is broken, and
/// smoothing begins anew behind it.
std::vector<double> smoothed(const std::vector<double>& values, double steps);

}  // namespace rondo::ui
