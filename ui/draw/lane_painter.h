#pragma once

#include <QHash>
#include <QPainter>
#include <QPixmap>
#include <array>
#include <vector>

#include "ui/draw/span_boxes.h"
#include "ui/draw/theme.h"

namespace rondo::ui {

/// Draws lanes: boxes with their names, waiting hatched, merged spans as a zig-zag with their count. Keep one
/// for the rows of a picture: it measures texts and makes its patterns once. Not for other threads than the
/// GUI's.
class LanePainter {
  public:
    LanePainter(const Theme& theme, double pixelRatio);
    /// `row` in the painter's coordinates; its width is what `window` spans.
    void paint(QPainter& painter, const SpanLane& lane, const TimeWindow& window, const QRectF& row);
    /// One that has begun; `span.end` is how far it has come.
    void paintUnderWay(QPainter& painter, const LaneSpan& span, const TimeWindow& window, const QRectF& row);

  private:
    void paintSpan(QPainter& painter, const LaneSpan& span, const QRectF& at, const QRectF& row);
    void paintMerged(QPainter& painter, const SpanBox& box, const QRectF& at);
    void paintLabel(QPainter& painter, const LaneSpan& span, const QRectF& at, const QRectF& visible);
    const QPixmap& zigzag(Phase phase, int height);
    void prepareFont(double rowHeight);

    const Theme& theme_;
    double pixelRatio_;
    std::vector<SpanBox> boxes_;
    QHash<int, QPixmap> zigzags_;
    QPixmap hatch_;
    QFont font_;
    double fontHeight_ = 0, digit_ = 0;  ///< fontHeight_ 0: too low for text
    struct Label {
        QString text, initial;
        double width = 0, initialWidth = 0;
    };
    std::array<std::array<Label, 2>, kPhases> labels_;  ///< by phase, by fused
};

}  // namespace rondo::ui
