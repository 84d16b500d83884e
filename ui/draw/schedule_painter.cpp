#include "ui/draw/schedule_painter.h"

#include <QFontMetricsF>
#include <QPolygonF>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/phase_mark.h"

namespace rondo::ui {

namespace {

constexpr double kLeastNumber = 8;  ///< pixels of type

}  // namespace

QFont SchedulePainter::numberFont(double height) const {
    QFont font = captionFont(theme_);
    const int pixels = std::min(font.pixelSize(), static_cast<int>(height));
    font.setPixelSize(pixels < kLeastNumber ? 1 : pixels);
    return font;
}

void SchedulePainter::paint(QPainter& painter, const RaceTrack& track, int stage, const TimeWindow& window,
                            const QRectF& row) {
    const auto& all = track.spans(stage);
    if (all.empty()) return;
    const auto xOf = [&](double seconds) {
        return std::clamp(std::round(row.left() + window.xOf(seconds, row.width())), row.left(), row.right());
    };
    // First the bubble, over which lie the boxes: where they are too narrow to be drawn, it is none.
    const double begin = xOf(all.front().begin), end = xOf(all.back().end);
    if (end > begin)
        paintPhaseGround(painter, {begin, row.top(), end - begin, row.height()}, Phase::Wait, theme_);

    const auto first = std::partition_point(all.begin(), all.end(),
                                            [&](const RaceSpan& span) { return span.end <= window.begin; });
    const auto last =
        std::partition_point(first, all.end(), [&](const RaceSpan& span) { return span.begin < window.end; });
    spans_.clear();
    for (auto span = first; span != last; ++span) {
        LaneSpan& one = spans_.emplace_back();
        one.begin = std::llround(span->begin * 1e9);
        one.end = std::llround(span->end * 1e9);
        one.phase = span->phase;
    }
    spanBoxes(spans_, window, row.width(), boxes_);
    painter.setFont(numberFont(row.height()));
    for (const SpanBox& box : boxes_) {
        const double left = std::round(row.left() + box.left), right = std::round(row.left() + box.right);
        const QRectF at(left, row.top(), std::max(1.0, right - left), row.height());
        if (box.merged())
            paintMerged(painter, box, at);
        else
            paintBox(painter, *(first + box.first), at, row);
    }
}

void SchedulePainter::paintBox(QPainter& painter, const RaceSpan& span, const QRectF& box,
                               const QRectF& row) {
    paintPhaseGround(painter, box, span.phase, theme_);
    const QColor ink = Theme::inkOn(theme_.colourOf(span.phase));
    if (span.fused && box.width() >= 3) {
        // The weight gradient is in it: its colour along the lower edge.
        const double strip = std::max(2.0, std::round(box.height() * 0.28));
        painter.fillRect(QRectF(box.left() + 1, box.bottom() - strip, box.width() - 2, strip - 1),
                         theme_.backwardWeight);
    }
    if (span.chunk > 0 && box.width() >= 6 && box.height() >= 8) {
        const double ear = std::min(5.0, box.height() / 3);
        painter.setRenderHint(QPainter::Antialiasing, true);
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink);
        painter.drawPolygon(
            QPolygonF({box.topLeft(), {box.left() + ear, box.top()}, {box.left(), box.top() + ear}}));
        painter.setRenderHint(QPainter::Antialiasing, false);
    }
    if (painter.font().pixelSize() < kLeastNumber) return;
    const QRectF seen = box.intersected(row);
    const QFontMetricsF metrics(painter.font());
    QString text = QString::number(span.microBatch);
    if (span.chunk > 0) {
        const QString full = text + QLatin1Char('.') + QString::number(span.chunk);
        if (metrics.horizontalAdvance(full) + 3 <= seen.width()) text = full;
    }
    if (metrics.horizontalAdvance(text) + 3 > seen.width()) return;
    painter.setPen(ink);
    const double lift = span.fused ? std::round(box.height() * 0.1) : 0;
    painter.drawText(seen.adjusted(-2, -4 - lift, 2, 4 - lift), Qt::AlignCenter, text);
}

void SchedulePainter::paintMerged(QPainter& painter, const SpanBox& box, const QRectF& at) {
    const QColor colour = theme_.colourOf(box.phase);
    QColor ground((colour.red() + theme_.panel.red()) / 2, (colour.green() + theme_.panel.green()) / 2,
                  (colour.blue() + theme_.panel.blue()) / 2);
    painter.fillRect(at, ground);
    painter.save();
    painter.setClipRect(at, Qt::IntersectClip);
    painter.setRenderHint(QPainter::Antialiasing, true);
    QColor line = Theme::inkOn(ground);
    line.setAlpha(150);
    painter.setPen(QPen(line, 1));
    const double middle = at.center().y(), swing = std::min(4.0, at.height() / 4);
    QPolygonF zigzag;
    bool up = false;
    for (double x = std::floor(at.left() / 4) * 4 - 4; x <= at.right() + 4; x += 4, up = !up)
        zigzag << QPointF(x, middle + (up ? -swing : swing));
    painter.drawPolyline(zigzag);
    painter.restore();
    if (painter.font().pixelSize() < kLeastNumber) return;
    const QString count = QChar(0x00d7) + countText(box.count);
    const double width = QFontMetricsF(painter.font()).horizontalAdvance(count) + 6;
    if (width > at.width() - 4) return;
    const QRectF plate(std::round(at.center().x() - width / 2), at.top() + 1, std::round(width),
                       at.height() - 2);
    painter.fillRect(plate, theme_.panel);
    painter.setPen(theme_.text);
    painter.drawText(plate.adjusted(0, -4, 0, 4), Qt::AlignCenter, count);
}

}  // namespace rondo::ui
