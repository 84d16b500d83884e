// The area that is selected, and what its time was spent on.
#include <QFontMetricsF>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/phase_mark.h"
#include "ui/draw/rank_words.h"
#include "ui/widgets/timeline_view.h"

namespace rondo::ui {

namespace {

QColor faded(QColor colour, int alpha) {
    colour.setAlpha(alpha);
    return colour;
}

}  // namespace

void TimelineView::selectArea(std::optional<TimeWindow> area) {
    if (area == area_) return;
    area_ = area;
    sumUpArea();
    update();
}

void TimelineView::sumUpArea() {
    areaRows_.clear();
    if (area_)
        areaRows_ = areaSums_.between(static_cast<std::int64_t>(std::llround(area_->begin * 1e9)),
                                      static_cast<std::int64_t>(std::llround(area_->end * 1e9)));
}

void TimelineView::endAreaDrag(QPoint at) {
    const QRect lanes = lanesArea();
    const auto secondsAt = [&](int x) {
        const double seconds =
            window_.secondsAt(std::clamp(x, lanes.left(), lanes.right() + 1) - lanes.left(), lanes.width());
        return std::clamp(seconds, 0.0, contentEnd());
    };
    const double a = secondsAt(pressed_.x()), b = secondsAt(at.x());
    // A click with Shift takes it away.
    selectArea((at - pressed_).manhattanLength() < 4 || a == b
                   ? std::nullopt
                   : std::optional(TimeWindow{std::min(a, b), std::max(a, b)}));
    update();
}

void TimelineView::paintArea(QPainter& painter) const {
    const QRect lanes = lanesArea();
    const auto paintBand = [&](double left, double right) {
        left = std::clamp<double>(std::round(left), lanes.left(), lanes.right() + 1);
        right = std::clamp<double>(std::round(right), lanes.left(), lanes.right() + 1);
        if (right <= left) return;
        const QRectF band(left, lanes.top(), right - left, lanes.height());
        painter.fillRect(band, faded(theme_.accent, 36));
        painter.fillRect(QRectF(band.left(), band.top(), 1, band.height()), theme_.accent);
        painter.fillRect(QRectF(band.right() - 1, band.top(), 1, band.height()), theme_.accent);
    };
    if (drag_ == Drag::Area) {
        paintBand(std::min(pressed_.x(), dragged_.x()), std::max(pressed_.x(), dragged_.x()));
        return;
    }
    if (!area_) return;
    paintBand(xOf(area_->begin), xOf(area_->end));
    paintAreaSums(painter);
}

/// A table beside the area, its rows where the lanes are that they tell of: they scroll together.
void TimelineView::paintAreaSums(QPainter& painter) const {
    const QRect lanes = lanesArea();
    QFont font = captionFont(theme_);
    painter.save();
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    const QStringList heads{tr("Compute"), tr("Communication"), tr("Wait")};
    const double gap = 12;
    double columns[3];
    for (int i = 0; i < 3; ++i)
        columns[i] = gap + std::max(metrics.horizontalAdvance(heads[i]),
                                    metrics.horizontalAdvance(QStringLiteral("00.00 ms")));
    const double names = metrics.horizontalAdvance(tr("All in %1").arg(QStringLiteral("00.00 ms"))) + 8;
    const double width = names + columns[0] + columns[1] + columns[2] + 8;
    // Where it covers nothing of the area, if there is such a place.
    const double right = std::round(xOf(area_->end)), left = std::round(xOf(area_->begin));
    double x = right + 6;
    if (x + width > lanes.right()) x = left - 6 - width;
    if (x < lanes.left()) x = std::clamp<double>(right - width - 6, lanes.left(), lanes.right() - width);

    const double headTop = stepsArea().top(), totalTop = axisArea().top();
    const QRectF table(x, headTop, width, lanes.bottom() + 1 - headTop);
    painter.fillRect(table, faded(theme_.panel, 242));
    painter.fillRect(QRectF(x, headTop, width, lanes.top() - headTop), theme_.raised);
    paintOutline(painter, table, theme_.border);
    AreaSum total;
    for (const AreaSums::OfRank& row : areaRows_) total += row.sum;
    const auto write = [&](double middle, const QString& name, const QStringList& texts, const QColor& ink) {
        const double y = middle - metrics.height() / 2;
        painter.setPen(ink);
        painter.drawText(QRectF(x + 6, y, names, metrics.height()), Qt::AlignVCenter, name);
        double end = x + names;
        for (int i = 0; i < 3; ++i) {
            end += columns[i];
            painter.drawText(QRectF(end - columns[i], y, columns[i], metrics.height()),
                             Qt::AlignVCenter | Qt::AlignRight, texts[i]);
        }
    };
    const auto textsOf = [](const AreaSum& sum) {
        return QStringList{durationText(sum.compute), durationText(sum.communication),
                           durationText(sum.wait)};
    };
    write(headTop + stepsArea().height() / 2.0, {}, heads, theme_.mutedText);
    write(totalTop + axisArea().height() / 2.0, tr("All in %1").arg(durationText(area_->length())),
          textsOf(total), theme_.text);

    painter.setClipRect(QRectF(x, lanes.top(), width, lanes.height()));
    double free = lanes.top();
    std::size_t at = 0;
    for (std::size_t i = 0; i < layout_.rows.size(); ++i) {
        const LaneRow& row = layout_.rows[i];
        if (!row.firstOfRank) continue;
        std::size_t last = i;
        while (last + 1 < layout_.rows.size() && layout_.rows[last + 1].rank == row.rank) ++last;
        while (at < areaRows_.size() && areaRows_[at].rank < row.rank) ++at;
        if (at >= areaRows_.size() || areaRows_[at].rank != row.rank) continue;
        const double top = lanes.top() + row.upper() - scroll_->value(),
                     bottom = lanes.top() + layout_.rows[last].lower() - scroll_->value(),
                     middle = (top + bottom) / 2;
        if (bottom < lanes.top() || middle - metrics.height() / 2 < free - 1) continue;
        if (top > lanes.bottom()) break;
        write(middle, rankName(row.rank, store_.workers()), textsOf(areaRows_[at].sum), theme_.text);
        free = middle + metrics.height() / 2;
    }
    painter.restore();
}

}  // namespace rondo::ui
