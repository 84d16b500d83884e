#include "ui/draw/span_boxes.h"

#include <algorithm>
#include <array>

namespace rondo::ui {

namespace {

struct Scale {
    double begin, pixelsPerNs;
    double xOf(std::int64_t ns) const { return (static_cast<double>(ns) - begin) * pixelsPerNs; }
};

using Shares = std::array<double, kPhases>;

void sample(std::span<const LaneSpan> spans, Shares& shares) {
    const std::size_t stride = std::max<std::size_t>(1, spans.size() / 6);
    // Not at even distances: training repeats itself, and even samples could always hit the same phase.
    std::uint32_t dice = 0x9e3779b9u;
    for (std::size_t from = 0; from < spans.size(); from += stride) {
        dice = dice * 1664525u + 1013904223u;
        const std::size_t i = std::min(from + (dice >> 16) % stride, spans.size() - 1);
        shares[static_cast<std::size_t>(spans[i].phase)] +=
            static_cast<double>(spans[i].end - spans[i].begin);
    }
}

/// First span from `start` on that begins at or after `moment`. Looks near `start` first: the answer mostly
/// is, and far memory is what costs here.
std::size_t firstFrom(std::span<const LaneSpan> spans, std::size_t start, double moment) {
    const auto before = [moment](const LaneSpan& span) { return static_cast<double>(span.begin) < moment; };
    std::size_t low = start, reach = 1;
    while (low + reach < spans.size() && before(spans[low + reach])) {
        low += reach;
        reach *= 2;
    }
    const auto from = spans.begin() + static_cast<std::ptrdiff_t>(std::min(low, spans.size()));
    const auto to = spans.begin() + static_cast<std::ptrdiff_t>(std::min(low + reach + 1, spans.size()));
    return static_cast<std::size_t>(std::partition_point(from, to, before) - spans.begin());
}

Phase most(const Shares& shares) {
    return static_cast<Phase>(std::max_element(shares.begin(), shares.end()) - shares.begin());
}

}  // namespace

void spanBoxes(std::span<const LaneSpan> spans, const TimeWindow& window, double width,
               std::vector<SpanBox>& boxes, double narrow) {
    boxes.clear();
    if (spans.empty() || width <= 0) return;
    const Scale scale{window.begin * 1e9, width / (window.length() * 1e9)};
    const double nsPerCell = narrow / scale.pixelsPerNs;
    const double windowEnd = window.end * 1e9;

    Shares shares{};
    bool gathering = false;  // the last box is a merged one that may still grow
    double drawnTo = 0;      // nested spans must not be drawn twice over each other
    const auto closeMerged = [&] {
        if (gathering) boxes.back().phase = most(shares);
        gathering = false;
    };

    std::size_t i = 0;
    while (i < spans.size()) {
        const double left = std::clamp(scale.xOf(spans[i].begin), drawnTo, width);
        const double right = std::clamp(scale.xOf(spans[i].end), left, width);
        if (static_cast<double>(spans[i].begin) >= windowEnd) break;
        const bool wide = scale.xOf(spans[i].end) - scale.xOf(spans[i].begin) >= narrow;
        if (wide) {
            closeMerged();
            if (right > left) boxes.push_back({left, right, static_cast<int>(i), 1, spans[i].phase});
            drawnTo = std::max(drawnTo, right);
            ++i;
            continue;
        }
        // All that begin within one narrow cell, found without looking at each; only the last can reach out
        // of it.
        const double cellEnd = static_cast<double>(spans[i].begin) + nsPerCell;
        std::size_t end = firstFrom(spans, i + 1, cellEnd);
        if (end - i > 1 && scale.xOf(spans[end - 1].end) - scale.xOf(spans[end - 1].begin) >= narrow) --end;
        const double cellRight = std::clamp(scale.xOf(spans[end - 1].end), left, width);
        const int count = static_cast<int>(end - i);
        if (gathering && left - boxes.back().right < narrow) {
            boxes.back().right = std::max(boxes.back().right, cellRight);
            boxes.back().count += count;
        } else {
            closeMerged();
            shares = {};
            boxes.push_back({left, cellRight, static_cast<int>(i), count, spans[i].phase});
            gathering = true;
        }
        sample(spans.subspan(i, end - i), shares);
        drawnTo = std::max(drawnTo, cellRight);
        i = end;
    }
    closeMerged();
}

}  // namespace rondo::ui
