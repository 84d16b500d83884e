// What mouse and keys do to the timeline, and what it answers under the pointer.
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QToolTip>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/key_place.h"
#include "ui/draw/pass_words.h"
#include "ui/draw/phase_words.h"
#include "ui/draw/rank_words.h"
#include "ui/draw/span_boxes.h"
#include "ui/store/lookup.h"
#include "ui/widgets/menu_key.h"
#include "ui/widgets/timeline_view.h"

namespace rondo::ui {

void TimelineView::wheelEvent(QWheelEvent* event) {
    const QPoint turn = event->angleDelta();
    const QRect lanes = lanesArea();
    event->accept();
    if (event->modifiers() & Qt::ShiftModifier && scroll_->isVisible()) {
        scroll_->setValue(scroll_->value() - (turn.y() + turn.x()) / 2);
        return;
    }
    if (std::abs(turn.x()) > std::abs(turn.y())) {
        moveTo(window_.panned(-turn.x() / 120.0 * 0.1 * window_.length()));
        return;
    }
    const double at = window_.secondsAt(event->position().x() - lanes.left(), lanes.width());
    moveTo(window_.zoomed(std::pow(1.25, turn.y() / 120.0), at));
}

void TimelineView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
    pressed_ = dragged_ = event->pos();
    windowPressed_ = window_;
    scrollPressed_ = scroll_->value();
    if (minimapArea().contains(event->pos())) {
        drag_ = Drag::Minimap;
        moveMinimapTo(event->pos().x());
    } else if (event->modifiers() & Qt::ShiftModifier) {
        drag_ = Drag::Area;
    } else {
        drag_ = Drag::Pan;
    }
}

void TimelineView::mouseMoveEvent(QMouseEvent* event) {
    const QRect lanes = lanesArea();
    const QPoint moved = event->pos() - pressed_;
    dragged_ = event->pos();
    switch (drag_) {
        case Drag::None: {
            const bool inTime = event->pos().x() >= lanes.left() && event->pos().x() <= lanes.right() &&
                                event->pos().y() >= stepsArea().top() && event->pos().y() <= lanes.bottom();
            if (!inTime || !store_.hasRun()) {
                focus_.setCursor({});
                break;
            }
            const double at = window_.secondsAt(event->pos().x() - lanes.left(), lanes.width());
            focus_.setCursor(std::clamp(at, 0.0, contentEnd()));
            break;
        }
        case Drag::Pan:
            if (moved.manhattanLength() < 4 && window_ == windowPressed_) break;
            setCursor(Qt::ClosedHandCursor);
            moveTo(windowPressed_.panned(-moved.x() / static_cast<double>(lanes.width()) *
                                         windowPressed_.length()));
            scroll_->setValue(scrollPressed_ - moved.y());
            break;
        case Drag::Area:
            update();
            break;
        case Drag::Minimap:
            moveMinimapTo(event->pos().x());
            break;
    }
}

void TimelineView::mouseReleaseEvent(QMouseEvent* event) {
    const Drag ended = drag_;
    drag_ = Drag::None;
    unsetCursor();
    const bool still = (event->pos() - pressed_).manhattanLength() < 4;
    if (ended == Drag::Pan && still) {
        clickAt(event->pos());
    } else if (ended == Drag::Area) {
        endAreaDrag(event->pos());
    }
}

void TimelineView::clickAt(QPoint point) {
    const QRect lanes = lanesArea();
    if (stepsArea().contains(point)) {
        const double at = window_.secondsAt(point.x() - lanes.left(), lanes.width());
        const auto index = stepIndexAt(store_.steps(), at);
        if (index) showStep(store_.steps()[*index].step);
        return;
    }
    if (point.y() < lanes.top() || point.y() > lanes.bottom()) return;
    const SpanLane* lane = laneAt(point.y());
    if (!lane) {
        focus_.clear();
        choose({});
        return;
    }
    focus_.selectRank(lane->rank());
    const LaneSpan* span = spanAt(point);
    if (span && span->step != kNone) focus_.selectStep(span->step);
    choose(span ? std::optional(PlacedSpan{lane->rank(), lane->lane(), *span}) : std::nullopt);
}

void TimelineView::mouseDoubleClickEvent(QMouseEvent* event) {
    const LaneSpan* span = spanAt(event->pos());
    if (!span) return;
    const double begin = static_cast<double>(span->begin) * 1e-9, end = static_cast<double>(span->end) * 1e-9;
    const double margin = std::max((end - begin) * 0.25, TimeWindow::kShortest);
    moveTo({begin - margin, end + margin});
}

void TimelineView::leaveEvent(QEvent*) {
    focus_.setCursor({});
}

void TimelineView::contextMenuEvent(QContextMenuEvent* event) {
    if (event->reason() == QContextMenuEvent::Keyboard) return openMenuByKey();
    const QRect lanes = lanesArea();
    if (event->pos().y() < lanes.top() || event->pos().y() > lanes.bottom()) return;
    const SpanLane* lane = laneAt(event->pos().y());
    if (!lane) return;
    focus_.selectRank(lane->rank());
    Q_EMIT menuWanted(event->globalPos());
}

void TimelineView::openMenuByKey() {
    if (layout_.rows.empty()) return;
    if (!focus_.rank()) focus_.selectRank(layout_.rows.front().rank);
    const QRect lanes = lanesArea();
    int y = lanes.top();
    for (const LaneRow& row : layout_.rows)
        if (row.firstOfRank && row.rank == *focus_.rank()) y += row.top + row.height - scroll_->value();
    Q_EMIT menuWanted(mapToGlobal(QPoint(lanes.left(), std::clamp(y, lanes.top(), lanes.bottom()))));
}

void TimelineView::keyPressEvent(QKeyEvent* event) {
    if (isMenuKey(*event)) return openMenuByKey();
    // A bracket may take AltGr, which some platforms tell as Ctrl and Alt.
    const bool bracket = event->key() == Qt::Key_BracketLeft || event->key() == Qt::Key_BracketRight;
    const bool plain =
        bracket || !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    if (!plain) {
        QWidget::keyPressEvent(event);
        return;
    }
    const double middle = focus_.cursor().value_or((window_.begin + window_.end) / 2);
    switch (keyByPlace(QGuiApplication::platformName(), event->nativeScanCode(), event->key())) {
        case Qt::Key_W:
        case Qt::Key_Plus:
            moveTo(window_.zoomed(1.4, middle));
            break;
        case Qt::Key_S:
        case Qt::Key_Minus:
            moveTo(window_.zoomed(1 / 1.4, middle));
            break;
        case Qt::Key_A:
        case Qt::Key_Left:
            moveTo(window_.panned(-0.2 * window_.length()));
            break;
        case Qt::Key_D:
        case Qt::Key_Right:
            moveTo(window_.panned(0.2 * window_.length()));
            break;
        case Qt::Key_F:
            // Once more, when it fills the view already: everything.
            if (area_ && window_ != area_->within(contentEnd()))
                moveTo(*area_);
            else
                zoomToAll();
            break;
        case Qt::Key_Period:
            goBy(1);
            break;
        case Qt::Key_Comma:
            goBy(-1);
            break;
        case Qt::Key_BracketRight:
            goAlong(true);
            break;
        case Qt::Key_BracketLeft:
            goAlong(false);
            break;
        case Qt::Key_Home:
            moveTo({0, window_.length()});
            break;
        case Qt::Key_End:
            follow();
            break;
        case Qt::Key_PageUp:
        case Qt::Key_Up:
            scroll_->setValue(scroll_->value() - 40);
            break;
        case Qt::Key_PageDown:
        case Qt::Key_Down:
            scroll_->setValue(scroll_->value() + 40);
            break;
        case Qt::Key_Escape:
            event->setAccepted(clearSelection());
            return;
        default:
            QWidget::keyPressEvent(event);
            return;
    }
    event->accept();
}

bool TimelineView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString fault = faultTipAt(help->pos()), what = tipAt(help->pos());
    const QString tip =
        fault.isEmpty() || what.isEmpty() ? fault + what : what + QStringLiteral("\n\n") + fault;
    tipShown_ = !tip.isEmpty();
    QToolTip::showText(help->globalPos(), tip, this);
    return true;
}

const LaneSpan* TimelineView::spanAt(QPoint point) const {
    const QRect lanes = lanesArea();
    if (!lanes.contains(point)) return nullptr;
    const SpanLane* lane = laneAt(point.y());
    if (!lane) return nullptr;
    if (layout_.partAt(rowUnder(point.y()), point.y() - lanes.top() + scroll_->value()) != RowPart::Lane)
        return nullptr;
    return lane->at(
        static_cast<std::int64_t>(window_.secondsAt(point.x() - lanes.left() + 0.5, lanes.width()) * 1e9));
}

QString TimelineView::tipAt(QPoint point) const {
    const QRect lanes = lanesArea();
    if (legendArea().contains(point) && !hiddenNames_.isEmpty()) return hiddenNames_.join(QLatin1Char('\n'));
    if (minimapArea().contains(point)) return tr("The whole run. Click or drag to move what is shown.");
    if (stepsArea().contains(point)) {
        const auto& steps = store_.steps();
        const auto index = stepIndexAt(steps, window_.secondsAt(point.x() - lanes.left(), lanes.width()));
        if (!index) return {};
        return tr("Step %1: %2\nClick to show it")
            .arg(steps[*index].step)
            .arg(durationText(secondsOfStep(steps, *index)));
    }
    if (const QString tip = stageTipAt(point); !tip.isEmpty()) return tip;
    if (!lanes.contains(point)) return {};
    const SpanLane* lane = laneAt(point.y());
    return lane ? spanTipAt(point, *lane) : QString();
}

QString TimelineView::spanTipAt(QPoint point, const SpanLane& lane) const {
    const QRect lanes = lanesArea();
    const auto from = static_cast<std::int64_t>(window_.begin * 1e9),
               to = static_cast<std::int64_t>(window_.end * 1e9) + 1;
    const auto spans = lane.visible(from, to);
    std::vector<SpanBox> boxes;
    spanBoxes(spans, window_, lanes.width(), boxes);
    const double x = point.x() - lanes.left(), seconds = window_.secondsAt(x, lanes.width());
    if (const auto before = lane.forgottenBefore(); before && seconds * 1e9 < static_cast<double>(*before))
        return forgottenWords();
    const auto box = std::find_if(boxes.begin(), boxes.end(),
                                  [x](const SpanBox& b) { return x >= b.left - 1 && x <= b.right + 1; });
    const QString worker = rankName(lane.rank(), store_.workers());
    if (box == boxes.end()) {
        const Span* now = store_.underWay(lane.rank(), lane.lane());
        if (!now || seconds < secondsOf(now->begin) || seconds > store_.duration())
            return idleTip(lane, seconds);
        return tr("%1: %2, under way").arg(worker, passName(LaneSpan::of(*now)));
    }
    if (box->merged()) {
        return tr("%1: %2 spans, mostly %3\nZoom in to tell them apart")
            .arg(worker, countText(box->count), phaseName(box->phase, !store_.splitBackward()));
    }
    const LaneSpan& span = spans[static_cast<std::size_t>(box->first)];
    QString tip = span.phase == Phase::Wait && (span.peer != kNone || span.microBatch != kNone)
                      ? tr("%1 %2").arg(worker, waitWords(lane, span, store_.workers()))
                      : tr("%1: %2\n%3").arg(worker, passName(span), durationText(span.seconds()));
    if (span.step != kNone) tip += tr("\nStep %1").arg(span.step);
    if (span.bucket != kNone) tip += tr("\nBucket %1").arg(span.bucket);
    if (span.phase == Phase::Wait && lane.lane() == Lane::Compute && stages_.isStage(lane.rank())) {
        const StageStep* step = stages_.ledgerOf(lane.rank()).step(span.step);
        if (step && span.end <= step->begin)
            tip += tr("\nBefore its first pass of the step: no part of its bubble");
    }
    return tip;
}

}  // namespace rondo::ui
