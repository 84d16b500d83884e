#include "ui/draw/stage_levels.h"

#include <algorithm>

namespace rondo::ui {

namespace {

constexpr double kCell = 3;  ///< pixels

StageLevel most(const StageLevel& a, const StageLevel& b) {
    return {std::max(a.activations, b.activations), std::max(a.versions, b.versions)};
}

class Boxes {
  public:
    explicit Boxes(std::vector<LevelBox>& boxes) : boxes_(boxes) {}
    void add(double left, double right, const StageLevel& level) {
        if (right <= left) return;
        if (!boxes_.empty()) {
            LevelBox& last = boxes_.back();
            if (last.level == level) {
                last.right = right;
                return;
            }
            if (last.right - last.left < kCell && right - last.left < 2 * kCell) {
                last.right = right;
                last.level = most(last.level, level);
                return;
            }
        }
        boxes_.push_back({left, right, level});
    }

  private:
    std::vector<LevelBox>& boxes_;
};

}  // namespace

void levelBoxes(const StageMemory& memory, const SpanLane& lane, const TimeWindow& window, double width,
                std::vector<LevelBox>& boxes) {
    boxes.clear();
    const auto spans = lane.spans();
    const double from = window.begin * 1e9, nsPerPixel = window.length() * 1e9 / width;
    const auto seen =
        lane.visible(static_cast<std::int64_t>(from), static_cast<std::int64_t>(window.end * 1e9) + 1);
    if (seen.empty() || width <= 0) return;
    const auto first = static_cast<std::size_t>(seen.data() - spans.data()), last = first + seen.size();
    const auto xOf = [&](std::int64_t ns) {
        return std::clamp((static_cast<double>(ns) - from) / nsPerPixel, 0.0, width);
    };
    Boxes out(boxes);
    if (static_cast<double>(seen.size()) <= width) {
        double left = first > 0 ? 0 : xOf(spans[first].begin);
        StageLevel level;
        memory.each(lane, first > 0 ? first - 1 : 0, first,
                    [&](const LaneSpan&, const StageLevel&, const StageLevel& after) { level = after; });
        memory.each(lane, first, last,
                    [&](const LaneSpan& span, const StageLevel& during, const StageLevel& after) {
                        out.add(left, xOf(span.begin), level);
                        out.add(xOf(span.begin), xOf(span.end), during);
                        left = xOf(span.end);
                        level = after;
                    });
        if (last < spans.size()) out.add(left, width, level);
        return;
    }
    std::size_t begin = first;
    const double end = xOf(spans[last - 1].end);
    for (double left = xOf(spans[first].begin); left < end && begin < last; left += kCell) {
        const double until = from + (left + kCell) * nsPerPixel;
        const auto next = std::partition_point(
            spans.begin() + static_cast<std::ptrdiff_t>(begin),
            spans.begin() + static_cast<std::ptrdiff_t>(last),
            [until](const LaneSpan& span) { return static_cast<double>(span.begin) < until; });
        const auto place = static_cast<std::size_t>(next - spans.begin());
        // The span before may reach into this cell, and with it what was kept.
        const std::size_t reaching = begin > 0 ? begin - 1 : 0;
        if (place > reaching) out.add(left, std::min(end, left + kCell), memory.most(lane, reaching, place));
        begin = place;
    }
}

}  // namespace rondo::ui
