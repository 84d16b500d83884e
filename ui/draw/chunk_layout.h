#pragma once

#include <QLineF>
#include <QRectF>
#include <vector>

#include "engine/comm/collectives/chunk_history.h"

namespace rondo::ui {

/// The way of a message beside a column of cells: out of the sender's row, along `x`, into the receiver's.
struct ChunkArrow {
    std::size_t message = 0;  ///< place in the round
    double fromX = 0;         ///< right edge of the sender's cell
    double x = 0, fromY = 0, toY = 0;
    bool operator==(const ChunkArrow&) const = default;
};

/// Where the cells of a chunk picture lie: a row a rank, a column a chunk, and beside each column a channel
/// for arrows, which cross no cell that way.
class ChunkLayout {
  public:
    /// `groupSize` ranks lie closer together than others; 0: all are alike. `channel` is the width of one.
    ChunkLayout() = default;
    ChunkLayout(QRectF area, int ranks, int chunks, int groupSize, double channel, double mostRowHeight);

    QRectF cell(int rank, int chunk) const;
    QRectF cells(int rank, int first, int count) const;  ///< the rectangle around them
    double rowHeight() const { return rowHeight_; }
    double cellWidth() const { return cellWidth_; }
    /// One arrow a message; of those whose rows overlap, no two lie on one another.
    std::vector<ChunkArrow> arrows(const std::vector<ChunkMessage>& messages) const;

  private:
    QRectF area_;
    int groupSize_ = 0;
    double channel_ = 0, rowHeight_ = 0, cellWidth_ = 0, groupGap_ = 0, rowGap_ = 0;
};

}  // namespace rondo::ui
