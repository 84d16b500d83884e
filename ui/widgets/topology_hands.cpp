// What mouse and keys do to the topology.
#include <QApplication>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <algorithm>
#include <utility>

#include "ui/widgets/menu_key.h"
#include "ui/widgets/topology_view.h"

namespace rondo::ui {

void TopologyView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    if (const auto card = layout_.cardAt(event->position())) {
        focus_.selectRank(*card);
        if (drawable()) {
            drawnFrom_ = *card;
            drawnTo_ = event->position();
        }
    } else if (const auto link = linkAt(event->position())) {
        focus_.selectLink(*link);
    } else {
        focus_.selectRank({});
    }
}

void TopologyView::mouseMoveEvent(QMouseEvent* event) {
    if (drawnFrom_) {
        drawnTo_ = event->position();
        setCursor(Qt::CrossCursor);
        update();
        return;
    }
    const bool hit = layout_.cardAt(event->position()) || linkAt(event->position());
    setCursor(hit ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void TopologyView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !drawnFrom_) return;
    const int from = *std::exchange(drawnFrom_, std::nullopt);
    setCursor(Qt::PointingHandCursor);
    update();
    const auto to = layout_.cardAt(event->position());
    // The settings may have changed, or a run begun, meanwhile.
    if (to && *to != from && from < workers_ && *to < workers_ && drawable()) Q_EMIT linkDrawn(from, *to);
}

void TopologyView::contextMenuEvent(QContextMenuEvent* event) {
    if (event->reason() == QContextMenuEvent::Keyboard) return openMenuByKey();
    if (const auto card = layout_.cardAt(event->pos()))
        focus_.selectRank(*card);
    else if (const auto link = linkAt(event->pos()))
        focus_.selectLink(*link);
    else
        return;
    Q_EMIT menuWanted(event->globalPos());
}

void TopologyView::openMenuByKey() {
    if (layout_.cards.empty()) return;
    if (!focus_.rank() && !focus_.link()) focus_.selectRank(0);
    QPointF at = canvas().center();
    if (focus_.rank() && static_cast<std::size_t>(*focus_.rank()) < layout_.cards.size())
        at = layout_.cards[static_cast<std::size_t>(*focus_.rank())].center();
    for (const LinkBand& band : layout_.bands)
        if (focus_.link() == band.link) at = band.at(0.5);
    Q_EMIT menuWanted(mapToGlobal(at.toPoint()));
}

bool TopologyView::removeSelectedLink() {
    const auto link = focus_.link();
    if (!link || !drawable()) return false;
    focus_.selectLink({});
    Q_EMIT linkRemoved(link->from, link->to);
    return true;
}

void TopologyView::keyPressEvent(QKeyEvent* event) {
    if (isMenuKey(*event)) return openMenuByKey();
    switch (event->key()) {
        case Qt::Key_Left:
        case Qt::Key_Right:
        case Qt::Key_Up:
        case Qt::Key_Down:
            moveSelection(static_cast<Qt::Key>(event->key()));
            break;
        case Qt::Key_L:
            moveAlongLinks();
            break;
        case Qt::Key_Delete:
        case Qt::Key_Backspace:
            event->setAccepted(removeSelectedLink());
            break;
        case Qt::Key_Escape:
            if (drawnFrom_) {
                drawnFrom_.reset();
                unsetCursor();
                update();
                break;
            }
            event->setAccepted(focus_.clear());
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

void TopologyView::moveSelection(Qt::Key key) {
    if (layout_.cards.empty()) return;
    if (!focus_.rank()) {
        focus_.selectRank(focus_.link() ? focus_.link()->from : 0);
        return;
    }
    const QPointF way = key == Qt::Key_Left    ? QPointF(-1, 0)
                        : key == Qt::Key_Right ? QPointF(1, 0)
                        : key == Qt::Key_Up    ? QPointF(0, -1)
                                               : QPointF(0, 1);
    focus_.selectRank(layout_.neighbourTowards(*focus_.rank(), way));
}

void TopologyView::moveAlongLinks() {
    if (layout_.bands.empty()) return;
    const int from = focus_.link() ? focus_.link()->from : focus_.rank().value_or(layout_.bands[0].link.from);
    std::vector<LinkId> links;
    for (const LinkBand& band : layout_.bands)
        if (band.link.from == from) links.push_back(band.link);
    if (links.empty()) return;
    const auto next = std::find_if(links.begin(), links.end(), [&](LinkId link) {
        return !focus_.link() || link.to > focus_.link()->to;
    });
    focus_.selectLink(next == links.end() ? links.front() : *next);
}

}  // namespace rondo::ui
