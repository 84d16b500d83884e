#pragma once

#include <cstddef>
#include <vector>

namespace rondo::ui {

struct CurveXY {
    double x = 0, y = 0;
};

/// Several curves as one: at every x their mean, least and most.
struct MeanAndRange {
    std::vector<double> x, mean, low, high;  ///< of equal length

    /// Curves in order of x. Between points they are straight lines. Goes only as far as all of them do: a
    /// mean of those that are left would jump where one ends. Where one of them is not a finite number, mean
    /// and range are not a number either. Empty when a curve is, or when they have no x in common.
    static MeanAndRange of(const std::vector<std::vector<CurveXY>>& curves, std::size_t most = 2048);
};

}  // namespace rondo::ui
