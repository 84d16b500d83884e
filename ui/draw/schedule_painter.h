#pragma once

#include <QPainter>

#include "ui/draw/span_boxes.h"
#include "ui/draw/theme.h"
#include "ui/store/race_track.h"

namespace rondo::ui {

/// Draws a stage's lane: boxes with the number of the micro-batch where there is room ("3.1" of chunk 1,
/// whose boxes have a dog-ear), the bubble hatched. Cost: O(pixels), however many boxes there are.
class SchedulePainter {
  public:
    explicit SchedulePainter(const Theme& theme) : theme_(theme) {}
    /// `row` is what `window` spans.
    void paint(QPainter& painter, const RaceTrack& track, int stage, const TimeWindow& window,
               const QRectF& row);
    /// The font of numbers in a lane of that height; size 0: too low for any.
    QFont numberFont(double height) const;

  private:
    void paintBox(QPainter& painter, const RaceSpan& span, const QRectF& box, const QRectF& row);
    void paintMerged(QPainter& painter, const SpanBox& box, const QRectF& at);

    const Theme& theme_;
    std::vector<LaneSpan> spans_;
    std::vector<SpanBox> boxes_;
};

}  // namespace rondo::ui
