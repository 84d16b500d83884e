#include "ui/draw/fault_paint.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <cmath>

#include "ui/draw/fault_words.h"
#include "ui/draw/phase_mark.h"

namespace rondo::ui {

namespace {

constexpr std::size_t kMostTold = 4;
constexpr std::size_t kCrowd = 16;

QColor faded(QColor colour, int alpha) {
    colour.setAlpha(alpha);
    return colour;
}

}  // namespace

void paintFaults(QPainter& painter, const FaultLayout& layout, std::span<const FaultHappened> faults,
                 int workers, const QRectF& area, const Theme& theme, double below) {
    if (layout.lines.empty() && layout.bands.empty()) return;
    painter.save();
    painter.setClipRect(area);
    for (const FaultLayout::Band& band : layout.bands) {
        painter.fillRect(QRectF(band.left, area.top(), band.right - band.left, area.height()),
                         faded(theme.fault, theme.isDark ? 46 : 30));
        painter.fillRect(QRectF(band.left, area.top(), band.right - band.left, 2), theme.fault);
    }
    painter.setFont(captionFont(theme));
    const QFontMetricsF metrics(painter.font());
    const double side = metrics.ascent();
    // Many must not hide what they are marked on.
    const bool crowd = layout.lines.size() > kCrowd;
    double free = area.left() - 1;  // right of the last sign and its name
    for (std::size_t i = 0; i < layout.lines.size(); ++i) {
        const FaultLayout::Line& line = layout.lines[i];
        const double x = std::round(line.x);
        painter.fillRect(QRectF(x, area.top(), 1, area.height()),
                         crowd ? faded(theme.fault, 90) : theme.fault);
        if (x < free) continue;
        const double shift = std::min(0.0, area.right() - (x + 2 + side));  // at the very end to its left
        paintFaultMark(painter, QRectF(x + 2 + shift, area.top() + below + 3, side, side), theme);
        free = x + side + 4;
        const QString name = line.count > 1
                                 ? QCoreApplication::translate("rondo", "%1 faults").arg(line.count)
                                 : faultName(faults[line.fault], workers);
        const double wide = metrics.horizontalAdvance(name) + 6;
        const double until = i + 1 < layout.lines.size() ? layout.lines[i + 1].x - 2 : area.right();
        if (free + wide > until) continue;
        const QRectF plate(free, area.top() + below + 3, wide, metrics.height());
        painter.fillRect(plate, faded(theme.panel, 205));
        painter.setPen(theme.text);
        painter.drawText(plate, Qt::AlignCenter, name);
        free = plate.right() + 2;
    }
    painter.restore();
}

QString faultTips(std::span<const FaultHappened> faults, std::span<const std::size_t> which,
                  const RunSpec& spec, int workers) {
    QStringList tips;
    for (const std::size_t i : which.first(std::min(which.size(), kMostTold)))
        tips << faultTip(faults[i], workers) + QLatin1Char('\n') + whatFollows(spec, faults[i]);
    if (which.size() > kMostTold)
        tips << QCoreApplication::translate("rondo", "and %1 more").arg(which.size() - kMostTold);
    return tips.join(QStringLiteral("\n\n"));
}

}  // namespace rondo::ui
