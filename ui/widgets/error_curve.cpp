#include "ui/widgets/error_curve.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"

namespace rondo::ui {

ErrorCurve::ErrorCurve(const RunStore& store, QWidget* parent) : QWidget(parent), store_(store) {
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Error of compression over steps"));
    connect(&store_, &RunStore::changed, this, [this](const RunStore::Changes& changes) {
        if (changes.reset || changes.compression) update();
    });
}

void ErrorCurve::setTheme(const Theme& theme) {
    theme_ = theme;
    updateGeometry();
    update();
}

PlotFrame ErrorCurve::frame() const {
    const QFontMetricsF metrics(captionFont(theme_));
    PlotFrame frame;
    const QRectF outer = QRectF(rect()).adjusted(4, theme_.fontPixels + 9, -8, -2);
    frame.area =
        PlotFrame::areaWithin(outer, theme_, metrics.horizontalAdvance(QStringLiteral("100 %")) + 14);
    const auto& points = store_.compression();
    if (points.empty()) return frame;
    frame.xLow = points.front().step;
    frame.xHigh = std::max(points.back().step, points.front().step + 1);
    double most = 0;
    for (const CompressionMeasured& point : points)
        if (std::isfinite(point.error)) most = std::max(most, point.error);
    frame.yHigh = std::max(most * 1.1, 1e-6);
    return frame;
}

void ErrorCurve::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme_.panel);
    const PlotFrame frame = this->frame();
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    painter.drawText(QRectF(8, 4, width() - 16, theme_.fontPixels + 4), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("Error of each step: length of what worker 0 left out, of what there was to send"));
    const auto& points = store_.compression();
    if (points.empty() || frame.area.width() < 20 || frame.area.height() < 20) return;
    frame.paintAxes(
        painter, theme_,
        [](double step, double distance) {
            return distance < 1 && step != std::floor(step) ? QString() : countText(std::llround(step));
        },
        [](double share, double step) {
            const int digits = step >= 0.01 ? 0 : step >= 0.001 ? 1 : 3;
            return QString::number(share * 100, 'f', digits) + QStringLiteral(" %");
        });

    // A column a pixel: least and most of its steps, joined from mean to mean.
    painter.setRenderHint(QPainter::Antialiasing);
    QColor band = theme_.backwardInput;
    band.setAlpha(90);
    QPolygonF line;
    int gaps = 0;
    const auto finishLine = [&] {
        painter.setPen(QPen(theme_.backwardInput, theme_.lineWidth));
        if (line.size() > 1) painter.drawPolyline(line);
        if (line.size() == 1) painter.drawEllipse(line.first(), 1.5, 1.5);
        line.clear();
    };
    for (std::size_t i = 0; i < points.size();) {
        const double x = std::floor(frame.xOf(points[i].step));
        double least = HUGE_VAL, most = -HUGE_VAL, sum = 0;
        int count = 0;
        bool broken = false;
        for (; i < points.size() && std::floor(frame.xOf(points[i].step)) == x; ++i) {
            if (!std::isfinite(points[i].error)) {
                broken = true;
                continue;
            }
            least = std::min(least, points[i].error);
            most = std::max(most, points[i].error);
            sum += points[i].error;
            ++count;
        }
        if (count > 1)
            painter.fillRect(QRectF(x, frame.yOf(most), 1, std::max(1.0, frame.yOf(least) - frame.yOf(most))),
                             band);
        if (count > 0) line << QPointF(x + 0.5, frame.yOf(sum / count));
        if (broken) finishLine(), ++gaps;
    }
    finishLine();
    if (gaps == 0) return;
    painter.setPen(theme_.fault);
    painter.drawText(frame.area, Qt::AlignTop | Qt::AlignRight, tr("not a number in %1 places").arg(gaps));
}

}  // namespace rondo::ui
