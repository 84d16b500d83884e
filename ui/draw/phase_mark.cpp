#include "ui/draw/phase_mark.h"

#include <QPainterPath>
#include <QPolygonF>
#include <cmath>

namespace rondo::ui {

namespace {

QColor mixed(const QColor& a, const QColor& b, double share) {
    const auto mix = [share](int x, int y) { return static_cast<int>(x * (1 - share) + y * share + 0.5); };
    return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

QPolygonF arrow(const QRectF& box, bool toRight) {
    const double tip = toRight ? box.right() : box.left(), back = toRight ? box.left() : box.right();
    return QPolygonF({{back, box.top()}, {tip, box.center().y()}, {back, box.bottom()}});
}

}  // namespace

void paintHatch(QPainter& painter, const QRectF& box, const QColor& colour, double gap) {
    if (box.width() < 1 || box.height() < 1) return;
    const bool antialiased = painter.testRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(colour, 1));
    QVarLengthArray<QLineF, 64> lines;
    const double height = box.height();
    // Line n leaves the bottom edge at x = n·gap; both ends are cut to the box by hand, which is cheaper than
    // a clip.
    for (double x = std::floor((box.left() - height) / gap) * gap; x < box.right(); x += gap) {
        const double from = std::max(x, box.left()), to = std::min(x + height, box.right());
        if (to > from) lines.append(QLineF(from, box.bottom() - (from - x), to, box.bottom() - (to - x)));
        if (lines.size() == 64) {
            painter.drawLines(lines.data(), static_cast<int>(lines.size()));
            lines.clear();
        }
    }
    painter.drawLines(lines.data(), static_cast<int>(lines.size()));
    painter.setRenderHint(QPainter::Antialiasing, antialiased);
}

void paintOutline(QPainter& painter, const QRectF& box, const QColor& colour) {
    painter.fillRect(QRectF(box.left(), box.top(), box.width(), 1), colour);
    painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), colour);
    painter.fillRect(QRectF(box.left(), box.top() + 1, 1, box.height() - 2), colour);
    painter.fillRect(QRectF(box.right() - 1, box.top() + 1, 1, box.height() - 2), colour);
}

void paintPhaseGround(QPainter& painter, const QRectF& box, Phase phase, const Theme& theme) {
    const QColor colour = theme.colourOf(phase);
    painter.fillRect(box, colour);
    if (phase == Phase::Wait) paintHatch(painter, box, theme.waitHatch);
    // A second sign for what shares a colour: bars along the top or bottom, which a box of one pixel has too.
    // Update: on top. Pre-process: below. Partition: both.
    const double bar = std::clamp(std::round(box.height() / 4), 1.0, 4.0);
    if (phase == Phase::Update || phase == Phase::Partition)
        painter.fillRect(QRectF(box.left(), box.top(), box.width(), bar), Theme::inkOn(colour));
    if (phase == Phase::Preprocess || phase == Phase::Partition)
        painter.fillRect(QRectF(box.left(), box.bottom() - bar, box.width(), bar), Theme::inkOn(colour));
    // Computed again: dashes on top.
    if (phase == Phase::Recompute)
        for (double x = box.left(); x < box.right(); x += 6)
            painter.fillRect(QRectF(x, box.top(), std::min(3.0, box.right() - x), bar), Theme::inkOn(colour));
    if (box.width() < 3 || box.height() < 6) return;
    // Mixed by hand: a line that is half transparent takes many times as long to draw.
    const QColor outline = phase == Phase::Wait ? theme.waitHatch : theme.phaseOutline;
    paintOutline(painter, box, theme.isDark ? outline : mixed(colour, outline, 0.6));
}

void paintBothHalves(QPainter& painter, const QRectF& box, const Theme& theme) {
    if (box.width() < 3 || box.height() < 5) return;
    const double strip = std::max(2.0, std::round(box.height() * 0.28));
    painter.fillRect(QRectF(box.left() + 1, box.bottom() - strip, box.width() - 2, strip - 1),
                     theme.backwardWeight);
}

void paintDogEar(QPainter& painter, const QRectF& box, const QColor& ink) {
    if (box.width() < 6 || box.height() < 8) return;
    const double ear = std::min(5.0, box.height() / 3);
    const bool antialiased = painter.testRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawPolygon(
        QPolygonF({box.topLeft(), {box.left() + ear, box.top()}, {box.left(), box.top() + ear}}));
    painter.setRenderHint(QPainter::Antialiasing, antialiased);
}

void paintPhaseMark(QPainter& painter, const QRectF& box, Phase phase, const Theme& theme) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    const QColor colour = theme.colourOf(phase);
    painter.setPen(QPen(theme.isDark ? colour.lighter(115) : theme.phaseOutline, 1));
    painter.setBrush(colour);
    const QRectF inner = box.adjusted(1, 1, -1, -1);
    switch (phase) {
        case Phase::Forward:
            painter.drawPolygon(arrow(inner, true));
            break;
        case Phase::Recompute:
            painter.drawPolygon(arrow(inner.adjusted(0, 0, -inner.width() / 3, 0), true));
            painter.drawPolygon(arrow(inner.adjusted(inner.width() / 3, 0, 0, 0), true));
            break;
        case Phase::BackwardInput:
            painter.drawPolygon(arrow(inner, false));
            break;
        case Phase::BackwardWeight:
            painter.drawPolygon(arrow(inner.adjusted(inner.width() / 3, 0, 0, 0), false));
            painter.drawPolygon(arrow(inner.adjusted(0, 0, -inner.width() / 3, 0), false));
            break;
        case Phase::Update:
            painter.drawRect(inner.adjusted(1, 1, -1, -1));
            break;
        case Phase::Synchronise: {
            const double middle = inner.center().y();
            painter.setPen(QPen(colour, 1.6));
            const double up = middle - inner.height() / 4, down = middle + inner.height() / 4,
                         head = inner.height() / 4;
            painter.drawLine(QPointF(inner.left(), up), QPointF(inner.right(), up));
            painter.drawLine(QPointF(inner.right() - head, up - head), QPointF(inner.right(), up));
            painter.drawLine(QPointF(inner.left(), down), QPointF(inner.right(), down));
            painter.drawLine(QPointF(inner.left() + head, down + head), QPointF(inner.left(), down));
            break;
        }
        case Phase::Wait:
            painter.setPen(QPen(theme.waitHatch, 1));
            painter.drawRect(inner);
            paintHatch(painter, inner, theme.waitHatch, 4);
            break;
        case Phase::Preprocess:
        case Phase::Partition:
        case Phase::Load: {
            const double tip = inner.bottom() - (phase == Phase::Preprocess ? 3 : 0);
            painter.drawPolygon(QPolygonF({inner.topLeft(), inner.topRight(), {inner.center().x(), tip}}));
            if (phase == Phase::Preprocess) painter.drawLine(inner.bottomLeft(), inner.bottomRight());
            if (phase == Phase::Partition)
                painter.drawLine(QPointF(inner.center().x(), inner.top()), QPointF(inner.center().x(), tip));
            break;
        }
        case Phase::Evaluate:
            painter.setPen(QPen(colour, 2.2));
            painter.drawPolyline(QPolygonF({{inner.left(), inner.center().y()},
                                            {inner.left() + inner.width() * 0.38, inner.bottom() - 1},
                                            {inner.right(), inner.top()}}));
            break;
    }
    painter.restore();
}

void paintFaultMark(QPainter& painter, const QRectF& box, const Theme& theme) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.fault);
    painter.drawPolygon(QPolygonF({{box.center().x(), box.top()}, box.bottomRight(), box.bottomLeft()}));
    const QColor ink = Theme::inkOn(theme.fault);
    const double w = std::max(1.5, box.width() * 0.12), x = box.center().x() - w / 2;
    painter.fillRect(QRectF(x, box.top() + box.height() * 0.38, w, box.height() * 0.32), ink);
    painter.fillRect(QRectF(x, box.top() + box.height() * 0.78, w, box.height() * 0.12), ink);
    painter.restore();
}

}  // namespace rondo::ui
