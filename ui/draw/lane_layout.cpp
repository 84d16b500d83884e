#include "ui/draw/lane_layout.h"

#include <algorithm>

namespace rondo::ui {

namespace {

constexpr int kSmallestCompute = 9;

int communicationFor(int compute) {
    return std::max(4, compute * 11 / 20);
}
int gapFor(int compute) {
    return compute >= 16 ? 5 : compute >= 11 ? 3 : 2;
}

int ghostFor(int compute) {
    return std::clamp(compute * 2 / 5, 4, 10);
}
int memoryFor(int compute) {
    return std::clamp(compute * 3 / 5, 6, 20);
}

struct Extras {
    bool ghost = true, memory = true;
    int moreMemory = 0;  ///< pixels
};
constexpr int kMostMore = 24;

LaneLayout layoutWith(std::span<const LaneKey> lanes, int compute, const Extras& extras) {
    LaneLayout layout;
    int top = 0;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const bool first = i == 0 || lanes[i].rank != lanes[i - 1].rank;
        if (first && i > 0) top += gapFor(compute);
        const int ghost = lanes[i].stage && extras.ghost ? ghostFor(compute) : 0;
        const int memory = lanes[i].stage && extras.memory ? memoryFor(compute) + extras.moreMemory : 0;
        const int height = lanes[i].lane == Lane::Compute ? compute : communicationFor(compute);
        top += ghost;
        layout.rows.push_back({lanes[i].rank, lanes[i].lane, top, height, first, ghost, memory});
        top += height + memory;
    }
    layout.contentHeight = top;
    return layout;
}

}  // namespace

LaneLayout LaneLayout::of(std::span<const LaneKey> lanes, int available, int tallestCompute) {
    for (const Extras& extras : {Extras{}, Extras{true, false}, Extras{false, false}}) {
        if (layoutWith(lanes, kSmallestCompute, extras).contentHeight > available) continue;
        int compute = std::max(tallestCompute, kSmallestCompute);
        LaneLayout layout = layoutWith(lanes, compute, extras);
        while (layout.contentHeight > available) layout = layoutWith(lanes, --compute, extras);
        // What is left makes the memory of stages easier to read.
        const auto stages = static_cast<int>(
            std::count_if(lanes.begin(), lanes.end(), [](const LaneKey& lane) { return lane.stage; }));
        if (!extras.memory || stages == 0) return layout;
        const int more = std::min(kMostMore, (available - layout.contentHeight) / stages);
        return more > 0 ? layoutWith(lanes, compute, {true, true, more}) : layout;
    }
    return layoutWith(lanes, kSmallestCompute, {});
}

std::size_t LaneLayout::firstBelow(int y) const {
    const auto it =
        std::partition_point(rows.begin(), rows.end(), [y](const LaneRow& row) { return row.lower() <= y; });
    return static_cast<std::size_t>(it - rows.begin());
}

int LaneLayout::rowAt(int y) const {
    const std::size_t row = firstBelow(y);
    return row < rows.size() && rows[row].upper() <= y ? static_cast<int>(row) : -1;
}

RowPart LaneLayout::partAt(int row, int y) const {
    const LaneRow& one = rows[static_cast<std::size_t>(row)];
    return y < one.top ? RowPart::Ghost : y < one.top + one.height ? RowPart::Lane : RowPart::Memory;
}

}  // namespace rondo::ui
