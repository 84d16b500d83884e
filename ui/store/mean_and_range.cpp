#include "ui/store/mean_and_range.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rondo::ui {

namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

/// Value at x; `from` is a place at or before it and moves along.
double valueAt(const std::vector<CurveXY>& curve, double x, std::size_t& from) {
    while (from + 1 < curve.size() && curve[from + 1].x <= x) ++from;
    const CurveXY& before = curve[from];
    if (before.x >= x || from + 1 == curve.size()) return before.y;
    const CurveXY& after = curve[from + 1];
    const double share = (x - before.x) / (after.x - before.x);
    return before.y + (after.y - before.y) * share;
}

}  // namespace

MeanAndRange MeanAndRange::of(const std::vector<std::vector<CurveXY>>& curves, std::size_t most) {
    MeanAndRange all;
    if (curves.empty() || std::any_of(curves.begin(), curves.end(), [](const auto& c) { return c.empty(); }))
        return all;
    double low = curves[0].front().x, high = curves[0].back().x;
    const std::vector<CurveXY>* fewest = &curves[0];
    for (const auto& curve : curves) {
        low = std::max(low, curve.front().x);
        high = std::min(high, curve.back().x);
        if (curve.size() < fewest->size()) fewest = &curve;
    }
    if (!(low <= high)) return all;

    std::vector<double> grid;
    for (const CurveXY& point : *fewest)
        if (point.x >= low && point.x <= high) grid.push_back(point.x);
    if (grid.empty() || grid.front() > low) grid.insert(grid.begin(), low);
    if (grid.back() < high) grid.push_back(high);
    const std::size_t every = grid.size() <= most ? 1 : (grid.size() + most - 1) / most;

    std::vector<std::size_t> places(curves.size(), 0);
    for (std::size_t i = 0; i < grid.size(); ++i) {
        if (i % every != 0 && i + 1 != grid.size()) continue;
        double sum = 0, least = std::numeric_limits<double>::infinity(), largest = -least;
        bool lost = false;
        for (std::size_t c = 0; c < curves.size(); ++c) {
            const double value = valueAt(curves[c], grid[i], places[c]);
            lost |= !std::isfinite(value);
            sum += value;
            least = std::min(least, value);
            largest = std::max(largest, value);
        }
        all.x.push_back(grid[i]);
        all.mean.push_back(lost ? kNothing : sum / static_cast<double>(curves.size()));
        all.low.push_back(lost ? kNothing : least);
        all.high.push_back(lost ? kNothing : largest);
    }
    return all;
}

}  // namespace rondo::ui
