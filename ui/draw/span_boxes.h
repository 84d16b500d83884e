#pragma once

#include <span>
#include <vector>

#include "ui/draw/time_window.h"
#include "ui/store/span_lane.h"

namespace rondo::ui {

/// What is drawn for one span, or for a run of spans that are each too narrow to draw.
struct SpanBox {
    double left = 0, right = 0;  ///< pixels from the window's begin, cut to the picture
    int first = 0, count = 1;    ///< which of the spans given
    Phase phase =
        Phase::Forward;  ///< of a merged box: the one that takes most of its time, by up to 7 samples a cell
    bool merged() const { return count > 1; }
};

/// Boxes of a lane's spans over a window `width` pixels wide, in order, not overlapping. Spans narrower than
/// `narrow` pixels are merged with their neighbours. `spans` must be ordered by begin; they may be more than
/// what is visible. Cost: O(width / narrow · log spans), whatever the number of spans.
void spanBoxes(std::span<const LaneSpan> spans, const TimeWindow& window, double width,
               std::vector<SpanBox>& boxes, double narrow = 3);

}  // namespace rondo::ui
