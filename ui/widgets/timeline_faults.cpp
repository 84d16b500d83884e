// What the timeline shows of faults.
#include <QFontMetricsF>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "ui/draw/fault_paint.h"
#include "ui/draw/fault_words.h"
#include "ui/draw/phase_mark.h"
#include "ui/widgets/timeline_view.h"

namespace rondo::ui {

namespace {

constexpr double kBar = 3;  ///< pixels at most, along the upper edge of a lane

QColor faded(QColor colour, int alpha) {
    colour.setAlpha(alpha);
    return colour;
}

}  // namespace

std::vector<FaultTime> TimelineView::faultsOfRow(const LaneRow& row) const {
    std::vector<FaultTime> times = timesOf(store_.faults());
    const bool network = row.lane == Lane::Communication;
    std::erase_if(times, [&](const FaultTime& time) {
        const FaultHappened& fault = store_.faults()[time.fault];
        if (!isOfLink(fault.kind)) return fault.stamp.rank.value != row.rank;
        if (fault.stamp.rank.value != row.rank && fault.peer.value != row.rank) return true;
        // A rank without a lane for the network has all on one.
        const bool alone = std::none_of(layout_.rows.begin(), layout_.rows.end(), [&](const LaneRow& other) {
            return other.rank == row.rank && other.lane == Lane::Communication;
        });
        return !network && !alone;
    });
    return times;
}

void TimelineView::eachStruckRow(
    const std::function<void(const LaneRow&, double top, const FaultLayout&)>& paint) const {
    if (store_.faults().empty()) return;
    const QRect lanes = lanesArea();
    const int shift = scroll_->value();
    const auto xOf = [&](double seconds) { return lanes.left() + window_.xOf(seconds, lanes.width()); };
    for (std::size_t i = layout_.firstBelow(shift); i < layout_.rows.size(); ++i) {
        const LaneRow& row = layout_.rows[i];
        if (row.top - shift >= lanes.height()) break;
        const auto layout =
            FaultLayout::of(faultsOfRow(row), xOf, contentEnd(), lanes.left(), lanes.right() + 1.0);
        if (!layout.lines.empty() || !layout.bands.empty()) paint(row, row.top - shift, layout);
    }
}

/// Behind the spans, which stay as they are; in front of them only what is thin.
void TimelineView::paintFaultGrounds(QPainter& painter) const {
    eachStruckRow([&](const LaneRow& row, double top, const FaultLayout& layout) {
        for (const FaultLayout::Band& band : layout.bands)
            painter.fillRect(QRectF(band.left, top, band.right - band.left, row.height),
                             faded(theme_.fault, theme_.isDark ? 60 : 40));
    });
}

void TimelineView::paintLaneFaults(QPainter& painter) const {
    const double right = lanesArea().right();
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    eachStruckRow([&](const LaneRow& row, double top, const FaultLayout& layout) {
        const double bar = std::clamp(row.height / 5.0, 1.0, kBar);
        for (const FaultLayout::Band& band : layout.bands)
            painter.fillRect(QRectF(band.left, top, band.right - band.left, bar), theme_.fault);
        for (std::size_t j = 0; j < layout.lines.size(); ++j) {
            const FaultLayout::Line& line = layout.lines[j];
            const double x = std::round(line.x);
            painter.fillRect(QRectF(x, top, 2, row.height), theme_.fault);
            if (row.height < metrics.height() + bar) continue;
            const FaultHappened& fault = store_.faults()[line.fault];
            const QString words =
                line.count > 1 ? tr("%1 faults").arg(line.count) : faultBadge(fault.kind, fault.factor);
            const double side = metrics.ascent() - 1, wide = side + metrics.horizontalAdvance(words) + 12;
            const double until = j + 1 < layout.lines.size() ? layout.lines[j + 1].x : right;
            if (x + wide > until) continue;
            const QRectF plate(x + 2, top + bar, wide - 2, metrics.height());
            painter.fillRect(plate, faded(theme_.panel, 225));
            paintFaultMark(painter, QRectF(plate.left() + 3, plate.center().y() - side / 2, side, side),
                           theme_);
            painter.setPen(theme_.text);
            painter.drawText(plate.adjusted(side + 6, 0, 0, 0), Qt::AlignVCenter, words);
        }
    });
}

/// Beside the name of who is struck by what is in sight.
void TimelineView::paintStruckNames(QPainter& painter) const {
    const QRect lanes = lanesArea();
    eachStruckRow([&](const LaneRow& row, double top, const FaultLayout&) {
        // Once a worker; beside its network only what strikes a link.
        const auto times = faultsOfRow(row);
        const bool link = std::any_of(times.begin(), times.end(), [&](const FaultTime& time) {
            return isOfLink(store_.faults()[time.fault].kind);
        });
        const double side = std::min<double>(theme_.fontPixels - 2, row.height + 2);
        if (side < 6 || !(row.firstOfRank || link)) return;
        paintFaultMark(painter, QRectF(lanes.left() - side - 3, top + (row.height - side) / 2, side, side),
                       theme_);
    });
}

void TimelineView::paintMinimapFaults(QPainter& painter) const {
    const QRect map = minimapArea();
    if (map.isEmpty()) return;
    const TimeWindow whole{0, std::max(minimapEnd_, TimeWindow::kShortest)};
    const auto layout = FaultLayout::of(
        timesOf(store_.faults()),
        [&](double seconds) { return map.left() + whole.xOf(seconds, map.width()); }, whole.end, map.left(),
        map.right());
    for (const FaultLayout::Band& band : layout.bands)
        painter.fillRect(QRectF(band.left, map.top(), band.right - band.left, 3), theme_.fault);
    for (const FaultLayout::Line& line : layout.lines)
        painter.fillRect(QRectF(std::round(line.x), map.top(), 2, map.height()), theme_.fault);
}

void TimelineView::paintFaultSigns(QPainter& painter) const {
    const QRect area = axisArea();
    const auto layout = FaultLayout::of(
        timesOf(store_.faults()),
        [&](double seconds) { return area.left() + window_.xOf(seconds, area.width()); }, contentEnd(),
        area.left(), area.right());
    const double side = area.height() - 4;
    double free = area.left() - side;
    for (const FaultLayout::Line& line : layout.lines) {
        if (line.x - side / 2 < free) continue;
        paintFaultMark(painter, QRectF(line.x - side / 2, area.top() + 2, side, side), theme_);
        free = line.x + side / 2;
    }
}

QString TimelineView::faultTipAt(QPoint point) const {
    const QRect lanes = lanesArea(), map = minimapArea();
    std::vector<FaultTime> times;
    std::function<double(double)> xOf = [&](double seconds) {
        return lanes.left() + window_.xOf(seconds, lanes.width());
    };
    if (lanes.contains(point)) {
        const int row = layout_.rowAt(point.y() - lanes.top() + scroll_->value());
        if (row < 0) return {};
        times = faultsOfRow(layout_.rows[static_cast<std::size_t>(row)]);
    } else if (axisArea().contains(point)) {
        times = timesOf(store_.faults());
    } else if (map.contains(point)) {
        times = timesOf(store_.faults());
        xOf = [&](double seconds) { return map.left() + seconds / minimapEnd_ * map.width(); };
    }
    return faultTips(store_.faults(), faultsAt(times, xOf, contentEnd(), point.x()), store_.spec(),
                     store_.workers());
}

}  // namespace rondo::ui
