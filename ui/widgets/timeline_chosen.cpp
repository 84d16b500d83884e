// The span that is chosen, the way from span to span, and the message it is part of.
#include <QPainter>
#include <QPolygonF>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/pass_words.h"
#include "ui/draw/rank_words.h"
#include "ui/store/lookup.h"
#include "ui/widgets/timeline_view.h"

namespace rondo::ui {

namespace {

constexpr double kLeastWidth = 8;  ///< pixels of a span that is gone to

}  // namespace

void TimelineView::choose(std::optional<PlacedSpan> span) {
    if (!span && !chosen_) return;
    chosen_ = std::move(span);
    sent_.reset();
    received_.reset();
    if (chosen_) {
        if (const Message* message = sentBy(store_, *chosen_)) sent_ = *message;
        if (const Message* message = receivedBy(store_, *chosen_)) received_ = *message;
    }
    update();
}

void TimelineView::goTo(const PlacedSpan& span) {
    const double begin = static_cast<double>(span.span.begin) * 1e-9,
                 end = static_cast<double>(span.span.end) * 1e-9, middle = (begin + end) / 2;
    const double width = lanesArea().width();
    if ((end - begin) / window_.length() * width < kLeastWidth) {
        const double half = std::max(end - begin, TimeWindow::kShortest) * width / (4 * kLeastWidth);
        moveTo({middle - half, middle + half});
    } else if (begin < window_.begin || end > window_.end) {
        const double half = std::max(window_.length(), (end - begin) * 1.1) / 2;
        moveTo({middle - half, middle + half});
    }
    for (const LaneRow& row : layout_.rows) {
        if (row.rank != span.rank || row.lane != span.lane) continue;
        const int seen = lanesArea().height();
        if (row.upper() < scroll_->value()) scroll_->setValue(row.upper());
        if (row.lower() > scroll_->value() + seen) scroll_->setValue(row.lower() - seen);
    }
    focus_.selectRank(span.rank);
    if (span.span.step != kNone) focus_.selectStep(span.span.step);
    choose(span);
}

void TimelineView::goBy(int by) {
    if (!chosen_) return stepBy(by);
    if (const auto next = neighbourOf(store_, *chosen_, by)) goTo(*next);
}

void TimelineView::goAlong(bool forth) {
    if (!chosen_) return;
    const auto& message = forth ? sent_ : received_;
    if (!message) return;
    if (const auto other = forth ? receiverOf(store_, *message) : senderOf(store_, *message)) goTo(*other);
}

bool TimelineView::clearSelection() {
    const bool had = area_ || chosen_;
    selectArea({});
    choose({});
    return focus_.clear() || had;
}

QString TimelineView::chosenWords() const {
    const QString worker = rankName(chosen_->rank, store_.workers());
    const SpanLane* lane = laneOf(store_, chosen_->rank, chosen_->lane);
    QString words =
        chosen_->span.phase == Phase::Wait && lane
            ? worker + QLatin1Char(' ') + waitWords(*lane, chosen_->span, store_.workers())
            : tr("%1: %2, %3").arg(worker, passName(chosen_->span), durationText(chosen_->span.seconds()));
    if (received_)
        words += tr("   [ from %1").arg(rankName(received_->from.value, store_.workers()).toLower());
    if (sent_) words += tr("   ] to %1").arg(rankName(sent_->to.value, store_.workers()).toLower());
    return words;
}

void TimelineView::paintMessage(QPainter& painter, const Message& message) const {
    const auto middleOf = [&](int rank) {
        const QRectF own = placeOf(rank, chosen_->lane);
        // Who has no lane for communication does that in the other.
        return own.isEmpty() ? placeOf(rank, Lane::Compute) : own;
    };
    const QRectF from = middleOf(message.from.value), to = middleOf(message.to.value);
    if (from.isEmpty() || to.isEmpty()) return;
    // Far outside of the window the ends keep their direction well enough.
    const auto place = [&](Nanoseconds when, double y) {
        return QPointF(std::clamp(xOf(secondsOf(when)), -1e5, 1e5), y);
    };
    const QPointF tail = place(message.begin, from.center().y()),
                  tip = place(message.stamp.at, to.center().y());
    painter.setPen(QPen(theme_.panel, 4));
    painter.drawLine(tail, tip);
    painter.setPen(QPen(theme_.accent, 2));
    painter.drawLine(tail, tip);
    const QPointF way = tip - tail;
    const double length = std::hypot(way.x(), way.y());
    if (length < 1) return;
    const QPointF along = way / length, across(-along.y(), along.x());
    painter.setBrush(theme_.accent);
    painter.setPen(Qt::NoPen);
    painter.drawPolygon(QPolygonF({tip, tip - along * 8 + across * 4, tip - along * 8 - across * 4}));
    painter.drawEllipse(tail, 3, 3);
}

void TimelineView::paintChosen(QPainter& painter) const {
    if (!chosen_) return;
    const QRect lanes = lanesArea();
    painter.save();
    painter.setClipRect(lanes);
    painter.setRenderHint(QPainter::Antialiasing, true);
    if (received_) paintMessage(painter, *received_);
    if (sent_) paintMessage(painter, *sent_);
    painter.setRenderHint(QPainter::Antialiasing, false);
    const QRectF place = placeOf(*chosen_);
    if (!place.isNull() && place.right() >= lanes.left() && place.left() <= lanes.right()) {
        const double left = std::max<double>(place.left(), lanes.left() - 4);
        const double right = std::max(left + 3, std::min<double>(place.right(), lanes.right() + 4));
        const QRectF frame(left, place.top(), right - left, place.height());
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme_.panel, 4));
        painter.drawRect(frame);
        painter.setPen(QPen(theme_.accent, 2));
        painter.drawRect(frame);
    }
    painter.restore();
}

}  // namespace rondo::ui
