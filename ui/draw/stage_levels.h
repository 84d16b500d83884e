#pragma once

#include <vector>

#include "ui/draw/time_window.h"
#include "ui/store/stage_memory.h"

namespace rondo::ui {

/// A step of what a stage keeps over time.
struct LevelBox {
    double left = 0, right = 0;  ///< pixels from the window's begin
    StageLevel level;
};

/// What a stage keeps over a window `width` pixels wide, in order, from its first span in sight to its last
/// one. Where changes are narrower than two pixels, the most of them: no peak is lost. Cost: O(width · (64 +
/// log spans)), whatever the number of spans, and what is in sight / 32.
void levelBoxes(const StageMemory& memory, const SpanLane& lane, const TimeWindow& window, double width,
                std::vector<LevelBox>& boxes);

}  // namespace rondo::ui
