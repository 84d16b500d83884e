#pragma once

#include <span>
#include <vector>

#include "engine/events/event.h"

namespace rondo::ui {

/// Which row of the timeline shows what; heights in logical pixels from the top of the content.
struct LaneRow {
    int rank = 0;
    Lane lane = Lane::Compute;
    int top = 0, height = 0;    ///< of the lane itself
    bool firstOfRank = false;   ///< carries the name
    int ghost = 0, memory = 0;  ///< heights right above and right below it; 0: not shown
    int upper() const { return top - ghost; }
    int lower() const { return top + height + memory; }
};

struct LaneKey {
    int rank = 0;
    Lane lane = Lane::Compute;
    bool stage = false;  ///< of a pipeline: an ideal schedule is drawn above it, what it keeps below
};

/// What of a row lies at a place.
enum class RowPart { Ghost, Lane, Memory };

/// Rows share `available` pixels: compute rows are twice as tall as communication rows, ranks stand apart by
/// a gap, and rows shrink (compute down to 9 px) before the content gets taller than what is available and
/// must scroll. Stages do without what they keep, then without their ideal schedule, where that saves them
/// from scrolling.
struct LaneLayout {
    std::vector<LaneRow> rows;
    int contentHeight = 0;

    static LaneLayout of(std::span<const LaneKey> lanes, int available, int tallestCompute = 26);
    /// Index of the row at `y` (content pixels); −1 in a gap or outside. O(log rows).
    int rowAt(int y) const;
    RowPart partAt(int row, int y) const;
    /// First row that reaches below `y`; rows.size() if none. O(log rows).
    std::size_t firstBelow(int y) const;
};

}  // namespace rondo::ui
