#include "ui/widgets/step_time_view.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/decimate.h"
#include "ui/draw/fault_paint.h"
#include "ui/store/lookup.h"

namespace rondo::ui {

StepTimeView::StepTimeView(const RunStore& store, Focus& focus, QWidget* parent)
    : QWidget(parent), store_(store), focus_(focus) {
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Time of each step"));
    measure();
    connect(&store_, &RunStore::changed, this, &StepTimeView::onChanged);
    connect(&focus_, &Focus::cursorChanged, this, [this] { update(); });
    connect(&focus_, &Focus::selectionChanged, this, [this] { update(); });
}

void StepTimeView::setTheme(const Theme& theme) {
    theme_ = theme;
    update();
}

void StepTimeView::onChanged(const RunStore::Changes& changes) {
    if (changes.reset) sorted_.clear();
    if (changes.reset || changes.steps || changes.faults) {
        measure();
        update();
    }
}

double StepTimeView::secondsAt(std::size_t index) const {
    return secondsOfStep(store_.steps(), index);
}

void StepTimeView::measure() {
    // A sample is enough for the middle and the axis; sorting all steps at every frame would not be.
    const std::size_t count = store_.steps().size(), stride = count / 2048 + 1;
    sorted_.clear();
    for (std::size_t i = 0; i < count; i += stride) sorted_.push_back(secondsAt(i));
    std::sort(sorted_.begin(), sorted_.end());
}

double StepTimeView::median() const {
    return sorted_.empty() ? 0 : sorted_[sorted_.size() / 2];
}

PlotFrame StepTimeView::frame() const {
    const QFontMetricsF metrics(captionFont(theme_));
    PlotFrame frame;
    QRectF outer = rect();
    outer.setTop(theme_.fontPixels + 11);
    frame.area =
        PlotFrame::areaWithin(outer, theme_, metrics.horizontalAdvance(QStringLiteral("000.0 ms")) + 14);
    const auto& steps = store_.steps();
    if (!steps.empty()) {
        frame.xLow = steps.front().step - 0.5;
        frame.xHigh = steps.back().step + 0.5;
    }
    // An axis for nearly all steps, so that one with an evaluation in it does not press the others flat.
    const double usual = sorted_.empty() ? 1e-3 : sorted_[sorted_.size() * 97 / 100];
    const double most = sorted_.empty() ? 1e-3 : sorted_.back();
    frame.yHigh = std::max({most < 1.6 * usual ? most : usual * 1.35,
                            store_.prediction().stepSeconds.value_or(0), 1e-9}) *
                  1.12;
    return frame;
}

void StepTimeView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme_.panel);
    painter.setFont(titleFont(theme_));
    painter.setPen(theme_.text);
    const QRect top(10, 0, width() - 18, theme_.fontPixels + 11);
    painter.drawText(top, Qt::AlignVCenter, tr("Time per step"));
    const double titleWidth = QFontMetricsF(painter.font()).horizontalAdvance(tr("Time per step"));
    const auto& steps = store_.steps();
    const auto predicted = store_.prediction().stepSeconds;
    if (steps.empty()) {
        painter.setFont(bodyFont(theme_));
        painter.setPen(theme_.mutedText);
        painter.drawText(rect().adjusted(10, top.height(), -10, 0), Qt::AlignCenter | Qt::TextWordWrap,
                         tr("How long each step takes appears here."));
        return;
    }
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    QString words = tr("median %1").arg(durationText(median()));
    if (predicted) {
        words =
            tr("median %1, predicted %2 (%3)")
                .arg(durationText(median()), durationText(*predicted), differenceText(median(), *predicted));
        if (metrics.horizontalAdvance(words) + titleWidth + 20 > top.width()) {
            words = tr("%1, predicted %2 (%3)")
                        .arg(durationText(median()), durationText(*predicted),
                             differenceText(median(), *predicted));
        }
    }
    painter.setPen(theme_.mutedText);
    if (metrics.horizontalAdvance(words) + titleWidth + 20 <= top.width()) {
        painter.drawText(top, Qt::AlignVCenter | Qt::AlignRight, words);
    }

    const PlotFrame frame = this->frame();
    if (frame.area.width() < 20 || frame.area.height() < 20) return;
    frame.paintAxes(
        painter, theme_,
        [](double step, double distance) {
            return distance < 1 && step != std::floor(step) ? QString() : countText(std::llround(step));
        },
        timeText);

    const auto columns =
        columnsOf(store_.stepHistory().durations(), static_cast<std::size_t>(frame.area.width() / 2));
    const double bottom = frame.area.bottom();
    for (const Column& column : columns) {
        const Extent& extent = column.extent;
        if (extent.empty()) continue;
        const double left = frame.xOf(steps[column.first].step - 0.5);
        const double right = frame.xOf(steps[column.first + column.count - 1].step + 0.5);
        const double gap = right - left > 5 ? 1 : 0;
        const double high = std::max(frame.yOf(extent.most), frame.area.top()),
                     low = std::max(frame.yOf(extent.least), frame.area.top());
        const bool chosen = focus_.step() && *focus_.step() >= steps[column.first].step &&
                            *focus_.step() <= steps[column.first + column.count - 1].step;
        QColor strong = chosen ? theme_.accent : theme_.forward, faint = strong;
        faint.setAlpha(110);
        painter.fillRect(QRectF(left, high, std::max(1.0, right - left - gap), low - high), faint);
        painter.fillRect(QRectF(left, low, std::max(1.0, right - left - gap), bottom - low), strong);
        // Cut at the top of the axis: said by a mark, never silently.
        if (extent.most > frame.yHigh) {
            painter.fillRect(QRectF(left, frame.area.top(), std::max(2.0, right - left - gap), 3),
                             theme_.backwardInput);
        }
    }
    const auto xOf = [&](double seconds) { return frame.xOf(stepAt(seconds)); };
    paintFaults(painter,
                FaultLayout::of(timesOf(store_.faults()), xOf, steps.back().seconds, frame.area.left(),
                                frame.area.right()),
                store_.faults(), store_.workers(), frame.area, theme_);
    if (predicted && *predicted <= frame.yHigh) {
        const double y = std::round(frame.yOf(*predicted)) + 0.5;
        painter.setPen(QPen(theme_.text, theme_.lineWidth, Qt::DashLine));
        painter.drawLine(QPointF(frame.area.left(), y), QPointF(frame.area.right(), y));
    }
    if (focus_.cursor()) {
        const auto index = stepIndexAt(steps, *focus_.cursor());
        painter.fillRect(
            QRectF(std::round(frame.xOf(steps[*index].step)), frame.area.top(), 1, frame.area.height()),
            theme_.accent);
        const QString text = tr("step %1: %2").arg(steps[*index].step).arg(durationText(secondsAt(*index)));
        const double w = metrics.horizontalAdvance(text) + 10;
        const double left = std::clamp(frame.xOf(steps[*index].step) + 4, frame.area.left(),
                                       std::max(frame.area.left(), frame.area.right() - w));
        const QRectF plate(left, frame.area.top(), w, metrics.height() + 2);
        painter.fillRect(plate, theme_.raised);
        painter.setPen(theme_.text);
        painter.drawText(plate, Qt::AlignCenter, text);
    }
}

double StepTimeView::stepAt(double seconds) const {
    // Within the bar of the step that was under way; bars stand about their step's number.
    const auto& steps = store_.steps();
    const std::size_t index = *stepIndexAt(steps, seconds);
    const double lasts = std::max(secondsOfStep(steps, index), 1e-12);
    return steps[index].step - 0.5 + std::clamp((seconds - beginOf(steps, index)) / lasts, 0.0, 1.0);
}

bool StepTimeView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tipAt(help->pos()), this);
    return true;
}

QString StepTimeView::tipAt(QPointF point) const {
    const PlotFrame frame = this->frame();
    if (store_.steps().empty() || !frame.area.contains(point)) return {};
    const auto xOf = [&](double seconds) { return frame.xOf(stepAt(seconds)); };
    return faultTips(store_.faults(),
                     faultsAt(timesOf(store_.faults()), xOf, store_.steps().back().seconds, point.x()),
                     store_.spec(), store_.workers());
}

std::optional<std::size_t> StepTimeView::indexAt(QPointF point) const {
    const PlotFrame frame = this->frame();
    if (store_.steps().empty() || !frame.area.contains(point)) return {};
    return indexOfStep(store_.steps(), static_cast<int>(std::lround(frame.xAt(point.x()))));
}

void StepTimeView::mousePressEvent(QMouseEvent* event) {
    if (const auto index = indexAt(event->position())) focus_.selectStep(store_.steps()[*index].step);
}

void StepTimeView::mouseMoveEvent(QMouseEvent* event) {
    const auto index = indexAt(event->position());
    if (!index) {
        focus_.setCursor({});
        return;
    }
    const auto& steps = store_.steps();
    focus_.setCursor((beginOf(steps, *index) + steps[*index].seconds) / 2);
}

void StepTimeView::leaveEvent(QEvent*) {
    focus_.setCursor({});
}

}  // namespace rondo::ui
