#include "ui/draw/spread_apart.h"

#include <algorithm>
#include <numeric>

namespace rondo::ui {

std::vector<std::optional<double>> spreadApart(const std::vector<double>& wanted, double size, double low,
                                               double high) {
    std::vector<std::optional<double>> places(wanted.size());
    const double room = (high - low) / size;
    const std::size_t count = room < 1 ? 0 : std::min(wanted.size(), static_cast<std::size_t>(room));
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
    // Pushed down where they would touch, then up again from the lower end.
    double next = low + size / 2;
    for (const std::size_t one : order) {
        places[one] = std::max(wanted[one], next);
        next = *places[one] + size;
    }
    next = high - size / 2;
    for (auto one = order.rbegin(); one != order.rend(); ++one) {
        places[*one] = std::min(*places[*one], next);
        next = *places[*one] - size;
    }
    return places;
}

}  // namespace rondo::ui
