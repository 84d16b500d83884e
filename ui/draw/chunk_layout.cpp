#include "ui/draw/chunk_layout.h"

#include <algorithm>
#include <map>

namespace rondo::ui {

namespace {
constexpr double kGroupGap = 6;
constexpr double kLaneDistance = 5;
}  // namespace

ChunkLayout::ChunkLayout(QRectF area, int ranks, int chunks, int groupSize, double channel,
                         double mostRowHeight)
    : area_(area), groupSize_(groupSize), channel_(channel) {
    const int groups = groupSize > 0 ? (ranks + groupSize - 1) / groupSize : 1;
    groupGap_ = groups > 1 ? kGroupGap : 0;
    const double each = (area.height() - groupGap_ * (groups - 1)) / std::max(1, ranks);
    const double pitch = std::clamp(each, 1.0, mostRowHeight);
    rowGap_ = pitch > 10 ? 3 : 1;
    rowHeight_ = std::max(1.0, pitch - rowGap_);
    cellWidth_ = std::max(1.0, area.width() / std::max(1, chunks) - channel);
}

QRectF ChunkLayout::cell(int rank, int chunk) const {
    const double groups = groupSize_ > 0 ? groupGap_ * (rank / groupSize_) : 0;
    return {area_.left() + chunk * (cellWidth_ + channel_),
            area_.top() + rank * (rowHeight_ + rowGap_) + groups, cellWidth_, rowHeight_};
}

QRectF ChunkLayout::cells(int rank, int first, int count) const {
    return cell(rank, first).united(cell(rank, first + count - 1));
}

std::vector<ChunkArrow> ChunkLayout::arrows(const std::vector<ChunkMessage>& messages) const {
    // Each takes the first channel of its chunks that is free in the rows it passes; where none is, another
    // lane of the last.
    struct Taken {
        double low, high;
        int lane;
    };
    std::map<int, std::vector<Taken>> taken;  // by chunk
    std::vector<ChunkArrow> arrows;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const ChunkMessage& message = messages[i];
        const double fromY = cell(message.from.value, 0).center().y();
        const double toY = cell(message.to.value, 0).center().y();
        const auto [low, high] = std::minmax(fromY, toY);
        const auto laneIn = [&, low = low, high = high](int chunk) {
            int lane = 0;
            for (bool again = true; again;) {
                again = false;
                for (const Taken& other : taken[chunk])
                    if (other.lane == lane && low <= other.high && other.low <= high) ++lane, again = true;
            }
            return lane;
        };
        int best = message.first, lane = laneIn(best);
        for (int chunk = message.first + 1; chunk < message.first + message.count && lane > 0; ++chunk)
            if (const int other = laneIn(chunk); other < lane) best = chunk, lane = other;
        taken[best].push_back({low, high, lane});
        const double edge = cell(0, best).right();
        arrows.push_back(
            {i, edge, edge + std::min(channel_ - 3, channel_ * 0.6 + lane * kLaneDistance), fromY, toY});
    }
    return arrows;
}

}  // namespace rondo::ui
