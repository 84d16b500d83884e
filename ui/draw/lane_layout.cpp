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

int heightWith(std::span<const LaneKey> lanes, int compute) {
    int height = 0;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        if (i > 0 && lanes[i].rank != lanes[i - 1].rank) height += gapFor(compute);
        height += lanes[i].lane == Lane::Compute ? compute : communicationFor(compute);
    }
    return height;
}

}  // namespace

LaneLayout LaneLayout::of(std::span<const LaneKey> lanes, int available, int tallestCompute) {
    int compute = std::max(tallestCompute, kSmallestCompute);
    while (compute > kSmallestCompute && heightWith(lanes, compute) > available) --compute;

    LaneLayout layout;
    int top = 0;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const bool first = i == 0 || lanes[i].rank != lanes[i - 1].rank;
        if (first && i > 0) top += gapFor(compute);
        const int height = lanes[i].lane == Lane::Compute ? compute : communicationFor(compute);
        layout.rows.push_back({lanes[i].rank, lanes[i].lane, top, height, first});
        top += height;
    }
    layout.contentHeight = top;
    return layout;
}

std::size_t LaneLayout::firstBelow(int y) const {
    const auto it = std::partition_point(rows.begin(), rows.end(),
                                         [y](const LaneRow& row) { return row.top + row.height <= y; });
    return static_cast<std::size_t>(it - rows.begin());
}

int LaneLayout::rowAt(int y) const {
    const std::size_t row = firstBelow(y);
    return row < rows.size() && rows[row].top <= y ? static_cast<int>(row) : -1;
}

}  // namespace rondo::ui
