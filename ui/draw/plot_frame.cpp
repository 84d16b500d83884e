#include "ui/draw/plot_frame.h"

#include <QFontMetricsF>
#include <algorithm>

#include "ui/draw/axis.h"

namespace rondo::ui {

QRectF PlotFrame::areaWithin(QRectF outer, const Theme& theme, double gutter) {
    const QFontMetricsF metrics(captionFont(theme));
    return outer.adjusted(gutter, metrics.height() / 2, -8, -metrics.height() - 5);
}

void PlotFrame::paintAxes(QPainter& painter, const Theme& theme, const Words& xWords,
                          const Words& yWords) const {
    painter.setFont(captionFont(theme));
    const QFontMetricsF metrics(painter.font());
    const double line = metrics.height();

    const double yStep = tickStep(yHigh - yLow, std::max(1, static_cast<int>(area.height() / (line * 1.7))));
    for (const double tick : ticksBetween(yLow, yHigh, yStep)) {
        const double y = std::round(yOf(tick)) + 0.5;
        painter.setPen(QPen(theme.grid, 1));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(theme.mutedText);
        painter.drawText(QRectF(area.left() - 120, y - line / 2, 114, line),
                         Qt::AlignRight | Qt::AlignVCenter, yWords(tick, yStep));
    }

    // The widest text decides how many fit; widths change with the step, so the first guess is checked once.
    double xStep = tickStep(xHigh - xLow, std::max(1, static_cast<int>(area.width() / 60)));
    const double widest = std::max(metrics.horizontalAdvance(xWords(xHigh, xStep)),
                                   metrics.horizontalAdvance(xWords(xLow, xStep))) +
                          14;
    xStep = tickStep(xHigh - xLow, std::max(1, static_cast<int>(area.width() / widest)));
    for (const double tick : ticksBetween(xLow, xHigh, xStep)) {
        const QString text = xWords(tick, xStep);
        if (text.isEmpty()) continue;  // half a step, say
        const double x = std::round(xOf(tick)) + 0.5;
        painter.setPen(QPen(theme.border, 1));
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3));
        const double width = metrics.horizontalAdvance(text);
        // Pulled inside at the edges instead of cut, or mixed with the other axis' texts.
        const double left = std::clamp(x - width / 2, area.left() - 4,
                                       std::max(area.left() - 4, area.right() + 5 - width));
        painter.setPen(theme.mutedText);
        painter.drawText(QPointF(left, area.bottom() + 4 + metrics.ascent()), text);
    }
    painter.setPen(QPen(theme.border, 1));
    painter.drawLine(QPointF(area.left(), area.bottom() + 0.5), QPointF(area.right(), area.bottom() + 0.5));
}

}  // namespace rondo::ui
