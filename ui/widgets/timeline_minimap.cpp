// The whole run in a strip below the lanes.
#include <QPainter>
#include <algorithm>

#include "ui/draw/busy_cells.h"
#include "ui/widgets/timeline_view.h"

namespace rondo::ui {

namespace {

QColor faded(QColor colour, int alpha) {
    colour.setAlpha(alpha);
    return colour;
}

}  // namespace

void TimelineView::paintMinimap() {
    const QRect map = minimapArea();
    minimapEnd_ = contentEnd();
    minimapStale_ = false;
    if (map.isEmpty()) return;
    minimap_ = QPixmap(map.size() * devicePixelRatioF());
    minimap_.setDevicePixelRatio(devicePixelRatioF());
    minimap_.fill(theme_.raised);
    QPainter painter(&minimap_);
    const TimeWindow whole{0, minimapEnd_};
    std::vector<const SpanLane*> compute;
    for (const SpanLane& lane : store_.lanes()) {
        if (lane.lane() == Lane::Compute) compute.push_back(&lane);
    }
    // At most as many rows as pixels allow; of more ranks, some stand for all.
    const auto rows =
        std::min<std::size_t>(compute.size(), static_cast<std::size_t>(std::max(1, (map.height() - 4) / 2)));
    const double height = (map.height() - 4.0) / static_cast<double>(std::max<std::size_t>(rows, 1));
    std::vector<BusyCell> cells;
    for (std::size_t row = 0; row < rows; ++row) {
        const SpanLane& lane = *compute[row * compute.size() / rows];
        const double top = 2 + static_cast<double>(row) * height, tall = std::max(1.0, height - 1);
        if (const auto before = lane.forgottenBefore()) {
            painter.fillRect(
                QRectF(0, top, whole.xOf(static_cast<double>(*before) * 1e-9, map.width()), tall),
                QBrush(theme_.border, Qt::Dense6Pattern));
        }
        // Stronger where there is more work. A run that mostly waits is pale, and not empty.
        busyCells(lane.spans(), whole, map.width(), cells);
        for (const BusyCell& cell : cells) {
            painter.fillRect(QRectF(cell.left, top, cell.right - cell.left, tall),
                             faded(theme_.colourOf(cell.phase), 80 + static_cast<int>(140 * cell.share)));
        }
    }
}

void TimelineView::paintShownPart(QPainter& painter) const {
    const QRect map = minimapArea();
    if (map.isEmpty()) return;
    // Everything else is dimmed.
    const double end = std::max(minimapEnd_, TimeWindow::kShortest);
    const double from = std::clamp(window_.begin / end, 0.0, 1.0) * map.width();
    const double to = std::clamp(window_.end / end, 0.0, 1.0) * map.width();
    const QRectF shown(map.left() + from, map.top(), std::max(3.0, to - from), map.height());
    painter.fillRect(QRectF(map.left(), map.top(), shown.left() - map.left(), map.height()),
                     faded(theme_.panel, 130));
    if (shown.right() < map.right()) {
        painter.fillRect(QRectF(shown.right(), map.top(), map.right() + 1 - shown.right(), map.height()),
                         faded(theme_.panel, 130));
    }
    painter.setPen(QPen(theme_.accent, 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(shown.adjusted(0.5, 0.5, -0.5, -0.5));
    painter.setPen(theme_.mutedText);
    painter.setFont(captionFont(theme_));
    painter.drawText(QRect(10, map.top(), map.left() - 14, map.height()), Qt::AlignVCenter, tr("Whole run"));
}

}  // namespace rondo::ui
