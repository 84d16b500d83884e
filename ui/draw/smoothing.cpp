#include "ui/draw/smoothing.h"

#include <algorithm>

#include "ui/draw/decimate.h"

namespace rondo::ui {

double keptShare(double steps) {
    return 1 - 1 / std::max(1.0, steps);
}

std::vector<double> smoothed(const std::vector<double>& values, double steps) {
    Smoother smoother(keptShare(steps));
    std::vector<double> all;
    all.reserve(values.size());
    for (const double value : values) all.push_back(smoother.add(value));
    return all;
}

}  // namespace rondo::ui
