#include "ui/draw/fault_layout.h"

#include <algorithm>
#include <cmath>

namespace rondo::ui {

FaultLayout FaultLayout::of(std::span<const FaultTime> times, const std::function<double(double)>& xOf,
                            double reached, double left, double right) {
    FaultLayout layout;
    for (const FaultTime& time : times) {
        const double from = xOf(std::min(time.begin, reached)), to = xOf(std::min(time.end, reached));
        if (from > right || to < left) continue;
        if (from >= left) {
            if (!layout.lines.empty() && from - layout.lines.back().x < kApart)
                ++layout.lines.back().count;
            else
                layout.lines.push_back({from, time.fault, 1});
        }
        const Band band{std::max(from, left), std::min(to, right)};
        if (band.right <= band.left) continue;
        if (!layout.bands.empty() && band.left <= layout.bands.back().right)
            layout.bands.back().right = std::max(layout.bands.back().right, band.right);
        else
            layout.bands.push_back(band);
    }
    return layout;
}

std::vector<std::size_t> faultsAt(std::span<const FaultTime> times, const std::function<double(double)>& xOf,
                                  double reached, double x) {
    std::vector<std::size_t> began, felt;
    for (const FaultTime& time : times) {
        const double from = xOf(std::min(time.begin, reached)), to = xOf(std::min(time.end, reached));
        if (std::abs(from - x) <= FaultLayout::kApart + 1) began.push_back(time.fault);
        if (from <= x && x < to) felt.push_back(time.fault);
    }
    return began.empty() ? felt : began;
}

}  // namespace rondo::ui
