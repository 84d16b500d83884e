#include "ui/draw/plot_frame.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"

namespace rondo::ui {

QRectF PlotFrame::areaWithin(QRectF outer, const Theme& theme, double gutter) {
    const QFontMetricsF metrics(captionFont(theme));
    return outer.adjusted(gutter, metrics.height() / 2, -8, -metrics.height() - 5);
}

double PlotFrame::leftOf(double value, double width) const {
    // Pulled inside at the edges instead of cut, or mixed with the other axis' texts.
    return std::clamp(std::round(xOf(value)) + 0.5 - width / 2, area.left() - 4,
                      std::max(area.left() - 4, area.right() + 5 - width));
}

std::vector<std::pair<double, QString>> PlotFrame::xTexts(const QFontMetricsF& metrics,
                                                          const Words& words) const {
    constexpr double kNarrowest = 40, kApart = 18;
    std::vector<std::pair<double, QString>> texts;
    for (int most = std::max(1, static_cast<int>(area.width() / kNarrowest)); most >= 1; --most) {
        const double step = tickStep(xHigh - xLow, most);
        texts.clear();
        double free = -1e9;
        bool apart = true;
        for (const double tick : ticksBetween(xLow, xHigh, step)) {
            const QString text = words(tick, step);
            if (text.isEmpty()) continue;  // half a step, say
            const double width = metrics.horizontalAdvance(text), left = leftOf(tick, width);
            apart = apart && left >= free;
            free = left + width + kApart;
            texts.emplace_back(tick, text);
        }
        if (apart) break;
    }
    return texts;
}

void PlotFrame::paintAxes(QPainter& painter, const Theme& theme, const Words& xWords,
                          const Words& yWords) const {
    painter.setFont(captionFont(theme));
    const QFontMetricsF metrics(painter.font());
    const double line = metrics.height();

    const int mostRows = std::max(1, static_cast<int>(area.height() / (line * 1.7)));
    const double yStep = tickStep(yHigh - yLow, mostRows);
    std::vector<double> rows;
    if (yIsPower)
        for (const double tick : logTicks(std::pow(10, yLow), std::pow(10, yHigh), mostRows))
            rows.push_back(std::log10(tick));
    else
        rows = ticksBetween(yLow, yHigh, yStep);
    for (const double tick : rows) {
        const double y = std::round(yOf(tick)) + 0.5;
        painter.setPen(QPen(theme.grid, 1));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(theme.mutedText);
        painter.drawText(QRectF(area.left() - 120, y - line / 2, 114, line),
                         Qt::AlignRight | Qt::AlignVCenter, yWords(tick, yStep));
    }

    for (const auto& [tick, text] : xTexts(metrics, xWords)) {
        const double x = std::round(xOf(tick)) + 0.5;
        painter.setPen(QPen(theme.border, 1));
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3));
        painter.setPen(theme.mutedText);
        painter.drawText(
            QPointF(leftOf(tick, metrics.horizontalAdvance(text)), area.bottom() + 4 + metrics.ascent()),
            text);
    }
    painter.setPen(QPen(theme.border, 1));
    painter.drawLine(QPointF(area.left(), area.bottom() + 0.5), QPointF(area.right(), area.bottom() + 0.5));
}

}  // namespace rondo::ui
