#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "ui/store/fault_times.h"

namespace rondo::ui {

/// Where the faults of a run stand along an axis, in pixels: a line where one began, a band for as long as it
/// was felt. Lines nearer to each other than can be told apart are one, bands that touch too, so that
/// hundreds of faults are drawn in as many strokes as there are pixels at most. O(faults · log faults).
struct FaultLayout {
    struct Line {
        double x = 0;
        std::size_t fault = 0;  ///< the first of those it stands for
        int count = 1;
    };
    struct Band {
        double left = 0, right = 0;
    };
    std::vector<Line> lines;  ///< from the left
    std::vector<Band> bands;  ///< from the left, apart from each other

    static constexpr double kApart = 3;  ///< pixels between two lines
    /// `xOf` maps run seconds to pixels and never falls. What lies beyond `reached` isn't known yet and ends
    /// there; what lies outside [left, right] is left out.
    static FaultLayout of(std::span<const FaultTime> times, const std::function<double(double)>& xOf,
                          double reached, double left, double right);
};

/// The places among the run's faults that a pointer at `x` means: those that began there, else those that
/// were felt there. The rest as above.
std::vector<std::size_t> faultsAt(std::span<const FaultTime> times, const std::function<double(double)>& xOf,
                                  double reached, double x);

}  // namespace rondo::ui
