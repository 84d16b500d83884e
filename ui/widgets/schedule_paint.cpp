// How a race of schedules is painted.
#include <QFontMetricsF>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/focus_frame.h"
#include "ui/draw/phase_mark.h"
#include "ui/draw/schedule_painter.h"
#include "ui/draw/schedule_words.h"
#include "ui/widgets/schedule_view.h"

namespace rondo::ui {

void ScheduleView::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), theme_.panel);
    const ScheduleLayout layout = this->layout();
    const double top = headHeight() - verticalScrollBar()->value(), bottom = viewport()->height();
    if (lanes_.isNull()) {
        const double ratio = viewport()->devicePixelRatioF();
        lanes_ = QPixmap(viewport()->size() * ratio);
        lanes_.setDevicePixelRatio(ratio);
        lanes_.fill(theme_.panel);
        QPainter once(&lanes_);
        paintLanes(once, layout, top);
    }
    painter.drawPixmap(0, 0, lanes_);
    paintLive(painter, layout, top, bottom);
    paintAxis(painter, layout);
    if (hasFocus()) paintFocusFrame(painter, viewport()->rect(), theme_);
}

void ScheduleView::paintLanes(QPainter& painter, const ScheduleLayout& layout, double top) const {
    SchedulePainter lanes(theme_);
    const double height = viewport()->height();
    const QFont names = lanes.numberFont(layout.laneHeight());
    const double step = tickStep(window_.length(), 8);
    for (std::size_t i = 0; i < racers_.size(); ++i) {
        const int racer = static_cast<int>(i);
        const QRectF block = layout.block(racer).translated(0, top);
        if (block.bottom() < 0 || block.top() > height) continue;
        painter.setPen(QPen(theme_.grid, 1));
        if (racer > 0)
            painter.drawLine(QPointF(8, block.top() - std::ceil(sizes().gap / 2)),
                             QPointF(viewport()->width() - 8, block.top() - std::ceil(sizes().gap / 2)));
        if (!racers_[i].ok()) continue;
        for (const double tick : ticksBetween(window_.begin, window_.end, step)) {
            const double x = std::round(xOf(tick)) + 0.5;
            painter.drawLine(QPointF(x, block.top()), QPointF(x, block.bottom() - 1));
        }
        for (int stage = 0; stage < racers_[i].track.stages(); ++stage) {
            const QRectF lane = layout.lane(racer, stage).translated(0, top);
            if (lane.bottom() < 0 || lane.top() > height) continue;
            lanes.paint(painter, racers_[i].track, stage, window_, lane);
            if (names.pixelSize() < 8 && stage % 4 != 0) continue;
            QFont font = names;
            if (names.pixelSize() < 8) font.setPixelSize(8);
            painter.setFont(font);
            painter.setPen(theme_.mutedText);
            painter.drawText(layout.name(racer, stage).translated(-6, top).adjusted(0, -5, 0, 5),
                             Qt::AlignRight | Qt::AlignVCenter,
                             longNames() ? tr("Stage %1").arg(stage) : QString::number(stage));
        }
    }
}

void ScheduleView::paintLive(QPainter& painter, const ScheduleLayout& layout, double top,
                             double bottom) const {
    const double x = std::round(xOf(clock_));
    QColor veil = theme_.panel;
    veil.setAlpha(theme_.isDark ? 185 : 175);
    for (std::size_t i = 0; i < racers_.size(); ++i) {
        const int racer = static_cast<int>(i);
        const QRectF block = layout.block(racer).translated(0, top);
        if (block.bottom() < 0 || block.top() > bottom) continue;
        paintWords(painter, racer, layout.words(racer).translated(0, top));
        if (!racers_[i].ok()) {
            painter.setFont(bodyFont(theme_));
            painter.setPen(theme_.fault);
            const QRectF sign(layout.left(), block.top() + 3, theme_.fontPixels, theme_.fontPixels);
            paintFaultMark(painter, sign, theme_);
            painter.drawText(block.adjusted(layout.left() + sign.width() + 6, 0, -8, 0),
                             Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, racers_[i].problem);
            continue;
        }
        if (x < layout.right()) {
            const double from = std::max(x, layout.left());
            painter.fillRect(QRectF(from, block.top(), layout.right() - from, block.height()), veil);
        }
        const double half = bubbleWidth();
        for (int stage = 0; stage < racers_[i].track.stages(); ++stage) {
            const QRectF bars = layout.bars(racer, stage).translated(0, top);
            if (bars.bottom() < 0 || bars.top() > bottom) continue;
            const StageMoment moment = racers_[i].track.at(stage, clock_);
            paintGauge(painter, QRectF(bars.left() + 10, bars.top(), half - 10, bars.height()), barWidth(),
                       bubbleOf(moment));
            paintGauge(painter, QRectF(bars.left() + half + 10, bars.top(), heldWidth() - 14, bars.height()),
                       barWidth(), memoryOf(moment, mostHeld_, false));
        }
    }
}

void ScheduleView::paintWords(QPainter& painter, int place, const QRectF& room) const {
    const Racer& racer = racers_[static_cast<std::size_t>(place)];
    const double line = lineHeight(), left = room.left() + 10, width = room.width() - 14;
    painter.setFont(titleFont(theme_));
    painter.setPen(theme_.text);
    const QRectF head(left, room.top(), width, line + 2);
    painter.drawText(head.adjusted(0, -3, 0, 3), Qt::AlignLeft | Qt::AlignVCenter, racer.name);
    if (!racer.ok()) return;

    const bool over = clock_ >= racer.track.end();
    const QString time = durationText(over ? racer.track.end() : clock_);
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    painter.setPen(over ? theme_.text : theme_.mutedText);
    painter.drawText(head.adjusted(0, -3, 0, 3), Qt::AlignRight | Qt::AlignVCenter, time);
    if (over && racing_ > 1) {
        const int finished = places_[static_cast<std::size_t>(place)];
        const QString text = placeText(finished);
        const double wide = metrics.horizontalAdvance(text) + 12;
        const QRectF pill(head.right() - metrics.horizontalAdvance(time) - 8 - wide, head.top(), wide,
                          head.height() - 1);
        const QColor ground = finished == 1 ? theme_.good : theme_.raised;
        painter.setRenderHint(QPainter::Antialiasing, true);
        painter.setPen(QPen(finished == 1 ? theme_.good : theme_.border, 1));
        painter.setBrush(ground);
        painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), pill.height() / 2, pill.height() / 2);
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(finished == 1 ? Theme::inkOn(ground) : theme_.text);
        painter.drawText(pill.adjusted(0, -3, 0, 3), Qt::AlignCenter, text);
    }

    const StageMoment total = racer.track.total(clock_);
    const int lines = static_cast<int>((room.height() - head.height()) / line);
    double y = head.bottom() + 1;
    const double label = metrics.horizontalAdvance(tr("Bubble")) + 6;
    const auto gauge = [&](const QString& name, double x, double nameWidth, double wide, double bar,
                           const Gauge& value) {
        painter.setFont(captionFont(theme_));
        painter.setPen(theme_.mutedText);
        painter.drawText(QRectF(x, y - 3, nameWidth, line + 6), Qt::AlignLeft | Qt::AlignVCenter, name);
        paintGauge(painter, QRectF(x + nameWidth, y, wide - nameWidth, line - 1), bar, value);
    };
    if (lines >= 3) {
        const double bar = width - label - metrics.horizontalAdvance(tr("%1, most %2").arg("88", "88")) - 12;
        gauge(tr("Bubble"), left, label, width, bar, bubbleOf(total, racer));
        y += line;
        gauge(tr("Held"), left, label, width, bar, memoryOf(total, mostHeldInAll_, true));
    } else {
        const double held = metrics.horizontalAdvance(tr("Held")) + 5, half = width / 2;
        gauge(tr("Bubble"), left, label, half, half - label - metrics.horizontalAdvance("88.8 %") - 10,
              bubbleOf(total, racer));
        gauge(tr("Held"), left + half + 4, held, half - 4,
              half - 4 - held - metrics.horizontalAdvance("88/88") - 6,
              memoryOf(total, mostHeldInAll_, false));
    }
    y += line;
    const int rest = static_cast<int>((room.bottom() - y) / metrics.lineSpacing());
    if (rest < 1 || place >= notes_.size()) return;
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    painter.save();
    const QRectF under(left, y, width, rest * metrics.lineSpacing());
    painter.setClipRect(under, Qt::IntersectClip);  // whole lines only; the tip has all of them
    painter.drawText(under, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                     notes_[static_cast<qsizetype>(place)]);
    painter.restore();
}

ScheduleView::Gauge ScheduleView::bubbleOf(const StageMoment& moment, const Racer& racer) const {
    Gauge gauge = bubbleOf(moment);
    if (racer.theory && racer.theory->bubbleOfTotal) gauge.mark = *racer.theory->bubbleOfTotal;
    return gauge;
}

ScheduleView::Gauge ScheduleView::bubbleOf(const StageMoment& moment) const {
    Gauge gauge;
    gauge.share = moment.bubble();
    gauge.hatched = true;
    gauge.text = shareText(moment.bubble());
    return gauge;
}

ScheduleView::Gauge ScheduleView::memoryOf(const StageMoment& moment, double most, bool words) const {
    Gauge gauge;
    gauge.share = most > 0 ? moment.held / most : 0;
    gauge.mark = most > 0 ? moment.peak / most : 0;
    gauge.text = (words ? tr("%1, most %2") : QStringLiteral("%1/%2"))
                     .arg(activationsText(moment.held), activationsText(moment.peak));
    return gauge;
}

void ScheduleView::paintGauge(QPainter& painter, const QRectF& room, double barWidth,
                              const Gauge& gauge) const {
    if (barWidth < 8) barWidth = 0;
    const double inset = room.height() > 14 ? 3 : room.height() > 9 ? 2 : 1;
    const QRectF bar(std::round(room.left()), std::round(room.top() + inset), std::round(barWidth),
                     std::round(room.height() - 2 * inset));
    if (barWidth > 0) {
        painter.fillRect(bar, theme_.raised);
        const QRectF filled(bar.left(), bar.top(),
                            std::round(bar.width() * std::clamp(gauge.share, 0.0, 1.0)), bar.height());
        if (gauge.hatched) {
            painter.fillRect(filled, theme_.wait);
            paintHatch(painter, filled, theme_.mutedText, 4);
        } else {
            painter.fillRect(filled, theme_.accent);
        }
        painter.setPen(QPen(theme_.border, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5));
        if (gauge.mark >= 0) {
            const double x = std::round(bar.left() + bar.width() * std::clamp(gauge.mark, 0.0, 1.0));
            painter.fillRect(
                QRectF(std::clamp(x - 1, bar.left(), bar.right() - 2), bar.top() - 1, 2, bar.height() + 2),
                theme_.text);
        }
    }
    QFont font = captionFont(theme_);
    font.setPixelSize(std::min(font.pixelSize(), static_cast<int>(room.height()) + 1));
    if (font.pixelSize() < 8) return;
    painter.setFont(font);
    painter.setPen(theme_.text);
    const double x = barWidth > 0 ? bar.right() + 4 : bar.left();
    painter.drawText(QRectF(x, room.top() - 4, room.right() - x + 4, room.height() + 8),
                     Qt::AlignLeft | Qt::AlignVCenter, gauge.text);
}

void ScheduleView::paintLegend(QPainter& painter, const QRectF& room) const {
    const QFontMetricsF metrics(painter.font());
    double x = room.left();
    const double side = std::round(theme_.fontPixels * 0.8), y = std::round(room.center().y() - side / 2);
    bool parts = false, fused = false, repeats = false;
    for (const Racer& racer : racers_)
        for (int stage = 0; stage < (racer.ok() ? racer.track.stages() : 0); ++stage) {
            const auto& spans = racer.track.spans(stage);
            // What a schedule does at all it does in its first passes.
            for (std::size_t i = 0; i < spans.size() && !(parts && fused && (repeats || i > 600)); ++i) {
                parts = parts || spans[i].phase == Phase::BackwardWeight;
                fused = fused || spans[i].fused;
                repeats = repeats || spans[i].phase == Phase::Recompute;
            }
        }
    const auto entry = [&](const QString& name, auto paint) {
        if (x + side + 3 + metrics.horizontalAdvance(name) > room.right()) return;
        paint(QRectF(x, y, side, side));
        painter.setPen(theme_.mutedText);
        painter.drawText(QRectF(x + side + 3, room.top(), metrics.horizontalAdvance(name) + 2, room.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, name);
        x += side + 3 + metrics.horizontalAdvance(name) + 8;
    };
    const auto box = [&](Phase phase) {
        return [this, &painter, phase](const QRectF& at) { paintPhaseGround(painter, at, phase, theme_); };
    };
    entry(QStringLiteral("F"), box(Phase::Forward));
    if (fused)
        entry(QStringLiteral("B+W"), [&](const QRectF& at) {
            paintPhaseGround(painter, at, Phase::BackwardInput, theme_);
            painter.fillRect(at.adjusted(1, at.height() * 0.6, -1, -1), theme_.backwardWeight);
        });
    if (parts) {
        entry(QStringLiteral("B"), box(Phase::BackwardInput));
        entry(QStringLiteral("W"), box(Phase::BackwardWeight));
    }
    if (repeats) entry(tr("again"), box(Phase::Recompute));
    entry(tr("bubble"), box(Phase::Wait));
}

void ScheduleView::paintAxis(QPainter& painter, const ScheduleLayout& layout) const {
    const double height = axisHeight(), width = viewport()->width();
    painter.fillRect(QRectF(0, 0, width, height), theme_.panel);
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    paintLegend(painter, QRectF(10, 0, layout.left() - 16, height));
    painter.setPen(theme_.mutedText);
    const double half = bubbleWidth();
    painter.drawText(QRectF(layout.right() + 10, 0, half, height), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("Bubble"));
    painter.drawText(QRectF(layout.right() + half + 10, 0, heldWidth(), height),
                     Qt::AlignLeft | Qt::AlignVCenter, tr("Activations"));
    if (end_ <= 0) return;

    const double span = layout.right() - layout.left();
    const double widest = metrics.horizontalAdvance(durationText(end_)) * 2 + 20;
    const double step = tickStep(window_.length(), std::max(1, static_cast<int>(span / widest)));
    const QString now = durationText(clock_);
    const double wide = metrics.horizontalAdvance(now) + 14, x = std::round(xOf(clock_));
    const bool seen = x >= layout.left() - 1 && x <= layout.right() + 1;
    const QRectF handle(std::clamp(x - wide / 2, layout.left() - 4, layout.right() - wide + 4), 1, wide,
                        height - 4);
    for (const double tick : ticksBetween(window_.begin, window_.end, step)) {
        const double at = std::round(xOf(tick));
        const QString text = tick == 0 ? QStringLiteral("0") : timeText(tick, step);
        const double room = metrics.horizontalAdvance(text) + 4;
        const QRectF place(std::clamp(at - room / 2, layout.left(), layout.right() - room), 0, room,
                           height - 3);
        if (seen && place.adjusted(-3, 0, 3, 0).intersects(handle)) continue;
        painter.setPen(theme_.mutedText);
        painter.drawText(place, Qt::AlignCenter, text);
        painter.setPen(QPen(theme_.border, 1));
        painter.drawLine(QPointF(at + 0.5, height - 4), QPointF(at + 0.5, height - 1));
    }
    if (!seen) return;
    painter.fillRect(QRectF(x - 1, height - 4, 2, headHeight() - height + 4), theme_.accent);
    for (std::size_t i = 0; i < racers_.size(); ++i) {
        if (!racers_[i].ok()) continue;  // words stand there
        const QRectF block =
            layout.block(static_cast<int>(i)).translated(0, headHeight() - verticalScrollBar()->value());
        const double top = std::max(block.top(), headHeight());
        const double end = block.bottom() + (i + 1 < racers_.size() ? sizes().gap : 0);
        if (end > top) painter.fillRect(QRectF(x - 1, top, 2, end - top), theme_.accent);
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme_.accent);
    painter.drawRoundedRect(handle, 5, 5);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(theme_.accentText);
    painter.drawText(handle, Qt::AlignCenter, now);
}

QImage ScheduleView::picture(int width, double scale) const {
    ScheduleView other;
    other.setTheme(theme_);
    other.setRacers(racers_);
    other.setNotes(notes_);
    other.setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    other.resize(width, 100);
    other.resize(width, other.comfortableHeight());
    other.window_ = window_;
    other.setClock(clock_);
    QImage image(other.size() * scale, QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    image.fill(theme_.panel);
    other.render(&image, {}, {}, QWidget::DrawChildren);
    return image;
}

}  // namespace rondo::ui
