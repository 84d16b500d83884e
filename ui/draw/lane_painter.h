#pragma once

#include <QHash>
#include <QPainter>
#include <QPixmap>
#include <QStaticText>
#include <array>
#include <map>
#include <vector>

#include "ui/draw/span_boxes.h"
#include "ui/draw/theme.h"

namespace rondo::ui {

/// Draws lanes: boxes with their names (passes of a pipeline with the number of their micro-batch), waiting
/// hatched, merged spans as a zig-zag with their count. Keep one for as long as theme and pixel ratio are the
/// same: it measures texts and makes its patterns once, and laying texts out is most of what a frame costs.
/// Not for other threads than the GUI's.
class LanePainter {
  public:
    LanePainter(const Theme& theme, double pixelRatio);
    /// `row` in the painter's coordinates; its width is what `window` spans.
    void paint(QPainter& painter, const SpanLane& lane, const TimeWindow& window, const QRectF& row);
    /// One that has begun; `span.end` is how far it has come.
    void paintUnderWay(QPainter& painter, const LaneSpan& span, const TimeWindow& window, const QRectF& row);
    /// What should be, thin and faint, above a lane that tells what was. `spans` ordered by begin; `window`
    /// in their time.
    void paintGhost(QPainter& painter, std::span<const LaneSpan> spans, const TimeWindow& window,
                    const QRectF& row);
    /// Time in which a stage should compute and doesn't; waits are drawn over it.
    void paintIdle(QPainter& painter, const QRectF& at);

  private:
    void paintSpan(QPainter& painter, const LaneSpan& span, const QRectF& at, const QRectF& row);
    void paintMerged(QPainter& painter, const SpanBox& box, const QRectF& at);
    void paintLabel(QPainter& painter, const LaneSpan& span, const QRectF& at, const QRectF& visible);
    const QPixmap& zigzag(Phase phase, int height);
    void drawText(QPainter& painter, const QRectF& centredIn, const QString& text);
    void prepareFont(double rowHeight);

    const Theme& theme_;
    double pixelRatio_;
    std::vector<SpanBox> boxes_;
    QHash<int, QPixmap> zigzags_;
    std::array<QColor, kPhases> inks_;
    std::array<QColor, kPhases> ghosts_, ghostOutlines_;
    QPixmap hatch_;
    struct Label {
        QString text, initial;
        double width = 0, initialWidth = 0;
    };
    /// Texts of one size.
    struct Type {
        QFont font;
        double digit = 0;
        std::array<std::array<Label, 2>, kPhases> labels;  ///< by phase, by fused
        QHash<QString, QStaticText> texts;
    };
    QString microBatchLabel(const LaneSpan& span, const Label& label, double room) const;
    std::map<int, Type> types_;  ///< by pixels
    Type* type_ = nullptr;       ///< of the row that is painted; none: too low for text
};

}  // namespace rondo::ui
