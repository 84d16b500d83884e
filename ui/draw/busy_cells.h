#pragma once

#include <span>
#include <vector>

#include "ui/draw/time_window.h"
#include "ui/store/span_lane.h"

namespace rondo::ui {

/// A few pixels of an overview: how much of that time a lane was busy, and with what most.
struct BusyCell {
    double left = 0, right = 0;  ///< pixels from the window's begin
    Phase phase = Phase::Forward;
    double share = 0;  ///< of the cell's time, in (0, 1]; waiting is not being busy
};

/// Cells of a lane's spans over a window `width` pixels wide, `cell` pixels each; those without work are left
/// out. `spans` must be ordered by begin. Cost: O(width / cell · log spans), whatever the number of spans; of
/// more than 32 spans in a cell, 32 are looked at.
void busyCells(std::span<const LaneSpan> spans, const TimeWindow& window, double width,
               std::vector<BusyCell>& cells, double cell = 3);

}  // namespace rondo::ui
