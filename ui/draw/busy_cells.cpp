#include "ui/draw/busy_cells.h"

#include <algorithm>
#include <array>

namespace rondo::ui {

namespace {

constexpr std::size_t kMostLookedAt = 32;

}  // namespace

void busyCells(std::span<const LaneSpan> spans, const TimeWindow& window, double width,
               std::vector<BusyCell>& cells, double cell) {
    cells.clear();
    if (spans.empty() || width <= 0 || window.length() <= 0) return;
    const double nsPerPixel = window.length() * 1e9 / width;
    std::uint32_t dice = 0x9e3779b9u;
    auto last = spans.begin();
    for (double left = 0; left < width; left += cell) {
        const double right = std::min(left + cell, width);
        const double begin = window.begin * 1e9 + left * nsPerPixel,
                     end = window.begin * 1e9 + right * nsPerPixel;
        const auto beginsBefore = [](double moment) {
            return [moment](const LaneSpan& span) { return static_cast<double>(span.begin) < moment; };
        };
        auto first = std::partition_point(last, spans.end(), beginsBefore(begin));
        last = std::partition_point(first, spans.end(), beginsBefore(end));
        if (first != spans.begin() && static_cast<double>(std::prev(first)->end) > begin) --first;
        const auto count = static_cast<std::size_t>(last - first);
        if (count == 0) continue;
        // Not at even distances: training repeats itself, and even samples could always hit the same phase.
        const std::size_t stride = (count + kMostLookedAt - 1) / kMostLookedAt;
        std::array<double, kPhases> nanoseconds{};
        double looked = 0;
        for (std::size_t from = 0; from < count; from += stride, ++looked) {
            dice = dice * 1664525u + 1013904223u;
            const std::size_t i = std::min(from + (dice >> 16) % stride, count - 1);
            const LaneSpan& span = first[static_cast<std::ptrdiff_t>(i)];
            nanoseconds[static_cast<std::size_t>(span.phase)] +=
                std::max(0.0, std::min(static_cast<double>(span.end), end) -
                                  std::max(static_cast<double>(span.begin), begin));
        }
        nanoseconds[static_cast<std::size_t>(Phase::Wait)] = 0;
        double busy = 0;
        for (const double one : nanoseconds) busy += one;
        if (busy <= 0) continue;
        const auto most = std::max_element(nanoseconds.begin(), nanoseconds.end()) - nanoseconds.begin();
        const double share = busy * static_cast<double>(count) / looked / (end - begin);
        cells.push_back({left, right, static_cast<Phase>(most), std::min(1.0, share)});
    }
}

}  // namespace rondo::ui
