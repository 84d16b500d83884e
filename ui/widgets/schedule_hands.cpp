// What a person does in a race of schedules.
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/schedule_words.h"
#include "ui/widgets/menu_key.h"
#include "ui/widgets/schedule_view.h"

namespace rondo::ui {

void ScheduleView::take(double seconds) {
    setClock(seconds);
    Q_EMIT clockTaken();
}

void ScheduleView::takeAt(double x) {
    const ScheduleLayout layout = this->layout();
    take(secondsAt(std::clamp(x, layout.left(), layout.right())));
}

void ScheduleView::zoom(double factor, double at) {
    if (end_ <= 0) return;
    window_ = window_.zoomed(factor, at);
    const double length = std::clamp(window_.length(), end_ / 500, end_);
    const double share = (at - window_.begin) / window_.length();
    window_.begin = std::clamp(at - share * length, 0.0, end_ - length);
    window_.end = window_.begin + length;
    look();
}

void ScheduleView::pan(double share) {
    const double length = window_.length();
    window_.begin = std::clamp(window_.begin + share * length, 0.0, std::max(0.0, end_ - length));
    window_.end = window_.begin + length;
    look();
}

void ScheduleView::keyPressEvent(QKeyEvent* event) {
    if (isMenuKey(*event)) {
        Q_EMIT menuWanted(-1, viewport()->mapToGlobal(QPoint(20, static_cast<int>(axisHeight()))));
        return;
    }
    const auto border = [this](bool back) {
        double nearest = back ? 0 : end_;
        for (const Racer& racer : racers_) {
            if (!racer.ok()) continue;
            const double at = racer.track.border(clock_, back);
            nearest = back ? std::max(nearest, at) : at > clock_ ? std::min(nearest, at) : nearest;
        }
        return nearest;
    };
    if (event->modifiers() & ~Qt::KeypadModifier) return QAbstractScrollArea::keyPressEvent(event);
    switch (event->key()) {
        case Qt::Key_Left:
            return take(border(true));
        case Qt::Key_Right:
            return take(border(false));
        case Qt::Key_Home:
            return take(0);
        case Qt::Key_End:
            return take(end_);
        case Qt::Key_Return:
        case Qt::Key_Enter:
            return Q_EMIT playWanted();
        case Qt::Key_W:
            return zoom(1.4, clock_ >= window_.begin && clock_ <= window_.end
                                 ? clock_
                                 : (window_.begin + window_.end) / 2);
        case Qt::Key_S:
            return zoom(1 / 1.4, (window_.begin + window_.end) / 2);
        case Qt::Key_A:
            return pan(-0.2);
        case Qt::Key_D:
            return pan(0.2);
        case Qt::Key_F:
            return showAll();
        default:
            return QAbstractScrollArea::keyPressEvent(event);
    }
}

void ScheduleView::mousePressEvent(QMouseEvent* event) {
    const ScheduleLayout layout = this->layout();
    const double x = event->position().x();
    if (event->button() != Qt::LeftButton || end_ <= 0 || x < layout.left() - 8 || x > layout.right() + 8)
        return;
    dragging_ = true;
    takeAt(x);
}

void ScheduleView::mouseMoveEvent(QMouseEvent* event) {
    dragging_ = dragging_ && event->buttons() & Qt::LeftButton;
    if (dragging_) takeAt(event->position().x());
}

void ScheduleView::wheelEvent(QWheelEvent* event) {
    const double steps = event->angleDelta().y() / 120.0;
    if (event->modifiers() & Qt::ControlModifier)
        zoom(std::pow(1.25, steps), std::clamp(secondsAt(event->position().x()), 0.0, end_));
    else if (event->modifiers() & Qt::ShiftModifier || event->angleDelta().x() != 0)
        pan(-(event->angleDelta().x() != 0 ? event->angleDelta().x() / 120.0 : steps) * 0.1);
    else
        return QAbstractScrollArea::wheelEvent(event);
    event->accept();
}

void ScheduleView::contextMenuEvent(QContextMenuEvent* event) {
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    Q_EMIT menuWanted(byKey ? -1 : layout().at(toContent(event->pos())).racer, event->globalPos());
}

QString ScheduleView::tipAt(QPointF point) const {
    if (point.y() < axisHeight()) return {};
    const ScheduleLayout layout = this->layout();
    const auto [place, stage] = layout.at(toContent(point));
    if (place < 0 || !racers_[static_cast<std::size_t>(place)].ok()) return {};
    const Racer& racer = racers_[static_cast<std::size_t>(place)];
    if (point.x() < layout.left() - sizes().names)
        return place < notes_.size() ? racer.name + QLatin1Char('\n') + notes_[static_cast<qsizetype>(place)]
                                     : QString();
    if (stage < 0) return {};
    if (point.x() <= layout.right()) return stageTip(racer, stage, secondsAt(point.x()));
    const StageMoment moment = racer.track.at(stage, clock_);
    return tr("%1, stage %2 until %3\nWaited %4 of the %5 since its first pass\nHolds the activations of %6 "
              "micro-batches, at most %7")
        .arg(racer.name)
        .arg(stage)
        .arg(durationText(clock_), durationText(moment.waited), durationText(moment.busy + moment.waited),
             activationsText(moment.held), activationsText(moment.peak));
}

bool ScheduleView::viewportEvent(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tipAt(help->pos()), viewport());
    return true;
}

void ScheduleView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void ScheduleView::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

}  // namespace rondo::ui
