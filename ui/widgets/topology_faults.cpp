// What the topology shows of faults, and the lines at its bottom.
#include <QFontMetricsF>
#include <QPainter>
#include <QPushButton>
#include <algorithm>
#include <cmath>

#include "ui/draw/fault_words.h"
#include "ui/draw/phase_mark.h"
#include "ui/store/fault_times.h"
#include "ui/widgets/topology_view.h"

namespace rondo::ui {

namespace {

QColor faded(QColor colour, int alpha) {
    colour.setAlpha(alpha);
    return colour;
}

}  // namespace

double TopologyView::momentShown() const {
    return focus_.cursor().value_or(store_.duration());
}

bool TopologyView::showsFaults() const {
    return store_.hasRun() && (!store_.faults().empty() || !store_.spec().faults.empty());
}

QRectF TopologyView::canvas() const {
    const double top = titleHeight(), bottom = static_cast<double>(notes().size()) * noteHeight();
    return {0, top, static_cast<double>(width()), std::max(1.0, height() - top - bottom)};
}

double TopologyView::noteHeight() const {
    return theme_.fontPixels + 7;
}

QStringList TopologyView::notes() const {
    QStringList lines;
    if (!agreement_.isEmpty()) lines << agreement_;
    if (drawable())
        lines << tr("Drag from worker to worker to link them. Click a link, then Del removes it.");
    const auto* run = store_.hasRun() ? std::get_if<GossipAlgorithm>(&store_.spec().algorithm) : nullptr;
    if (run && run->graph == GraphKind::Edges)
        lines << tr("Links can be drawn while no run is shown: Reset (R) clears it.");
    if (showsFaults()) lines << faultNote();
    return lines;
}

QString TopologyView::faultNote() const {
    const double moment = momentShown();
    const FaultHappened* latest = nullptr;
    int active = 0;
    for (const FaultHappened& fault : store_.faults()) {
        if (!activeAt(fault, moment)) continue;
        if (!latest || fault.stamp.at >= latest->stamp.at) latest = &fault;
        ++active;
    }
    if (!latest) return {};
    const QString words =
        faultName(*latest, workers_) + QStringLiteral(" – ") + whatFollows(store_.spec(), *latest);
    return active == 1 ? words : tr("%1 (and %2 more)").arg(words).arg(active - 1);
}

void TopologyView::placeNotes() {
    const auto* gossip = std::get_if<GossipAlgorithm>(&preview_.algorithm);
    // Of more links than can be drawn none could be removed either.
    const bool offered = !store_.hasRun() && gossip && gossip->graph != GraphKind::Edges &&
                         preview_.workers > 1 && !layout_.bands.empty();
    edit_->setVisible(offered);
    if (!offered) return;
    const QSize size = edit_->sizeHint();
    const int high = std::min(size.height(), static_cast<int>(noteHeight()) + 4);
    edit_->setGeometry(width() - size.width() - 8,
                       static_cast<int>(canvas().bottom() + noteHeight()) - high - 1, size.width(), high);
}

void TopologyView::paintNotes(QPainter& painter) const {
    const QStringList lines = notes();
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    double y = canvas().bottom();
    for (qsizetype i = 0; i < lines.size(); ++i, y += noteHeight()) {
        if (lines[i].isEmpty()) continue;
        QRectF line(10, y, width() - 20, noteHeight());
        const bool fault = showsFaults() && i + 1 == lines.size();
        if (fault) {
            const double side = metrics.ascent();
            paintFaultMark(painter, QRectF(line.left(), line.center().y() - side / 2, side, side), theme_);
            line.setLeft(line.left() + side + 5);
        } else if (i == 0 && !edit_->isHidden()) {
            line.setRight(edit_->geometry().left() - 6);
        }
        painter.setPen(fault || i == 0 ? theme_.text : theme_.mutedText);
        painter.drawText(line, Qt::AlignVCenter, metrics.elidedText(lines[i], Qt::ElideRight, line.width()));
    }
}

QRectF TopologyView::markAround(QPointF middle, const QString& words) const {
    const QFontMetricsF metrics(captionFont(theme_));
    const double text = words.isEmpty() ? 0 : metrics.horizontalAdvance(words) + 4;
    QRectF plate(0, 0, metrics.ascent() + text + 8, metrics.height() + 2);
    plate.moveCenter(middle);
    // Never cut by the edge of the picture.
    plate.moveLeft(std::clamp(plate.left(), 2.0, std::max(2.0, width() - plate.width() - 2)));
    plate.moveTop(std::max(plate.top(), titleHeight() - 4));
    return plate;
}

/// The sign of a fault and its words on a plate.
void TopologyView::paintMark(QPainter& painter, QPointF middle, const QString& words) const {
    const QRectF plate = markAround(middle, words);
    painter.setFont(captionFont(theme_));
    const double side = QFontMetricsF(painter.font()).ascent();
    painter.setPen(QPen(theme_.fault, 1.2));
    painter.setBrush(theme_.panel);
    painter.drawRoundedRect(plate, 4, 4);
    paintFaultMark(painter, QRectF(plate.left() + 4, plate.center().y() - side / 2, side, side), theme_);
    painter.setPen(theme_.text);
    painter.drawText(plate.adjusted(side + 8, 0, 0, 0), Qt::AlignVCenter, words);
}

void TopologyView::paintFaultBadges(QPainter& painter) const {
    const double moment = momentShown();
    std::vector<const FaultHappened*> of(layout_.cards.size());
    for (const FaultHappened& fault : store_.faults()) {
        const auto rank = static_cast<std::size_t>(fault.stamp.rank.value);
        if (isOfLink(fault.kind) || rank >= of.size() || !activeAt(fault, moment)) continue;
        // Who is gone is nothing else any more.
        if (!of[rank] || of[rank]->kind != FaultKind::Kill) of[rank] = &fault;
    }
    for (std::size_t rank = 0; rank < of.size(); ++rank)
        if (of[rank]) paintFaultBadge(painter, static_cast<int>(rank), *of[rank]);
}

void TopologyView::paintFaultBadge(QPainter& painter, int rank, const FaultHappened& fault) const {
    const QRectF card = layout_.cards[static_cast<std::size_t>(rank)];
    const bool gone = fault.kind == FaultKind::Kill;
    if (layout_.detail == TopologyLayout::Detail::Dot) {
        painter.setPen(QPen(theme_.fault, 2));
        painter.setBrush(gone ? QBrush(theme_.panel) : QBrush(Qt::NoBrush));
        const QRectF round = card.adjusted(-2, -2, 2, 2);
        painter.drawEllipse(round);
        if (gone) {
            painter.drawLine(round.topLeft(), round.bottomRight());
            painter.drawLine(round.topRight(), round.bottomLeft());
        }
        return;
    }
    if (gone) {
        painter.setPen(QPen(theme_.fault, 1.6, Qt::DashLine));
        painter.setBrush(faded(theme_.panel, 190));
    } else {
        painter.setPen(QPen(theme_.fault, 2));
        painter.setBrush(Qt::NoBrush);
    }
    painter.drawRoundedRect(card, 7, 7);
    const bool brief = layout_.detail == TopologyLayout::Detail::Badge;
    paintMark(painter, brief ? card.topRight() : QPointF(card.center().x(), card.top() - 5),
              brief ? QString() : faultBadge(fault.kind, fault.factor));
}

void TopologyView::paintFaultedLinks(QPainter& painter) const {
    const double moment = momentShown();
    for (const FaultHappened& fault : store_.faults()) {
        if (!isOfLink(fault.kind) || !activeAt(fault, moment)) continue;
        for (const LinkBand& band : layout_.bands) {
            if (!strikes(fault, band.link)) continue;
            const std::vector<QPointF> points = band.points();
            const QPolygonF line(QList<QPointF>(points.begin(), points.end()));
            if (fault.kind == FaultKind::CutLink) {
                painter.setPen(QPen(theme_.fault, 2));
                painter.drawPolyline(line);
                // Broken: what is drawn of it is taken away in the middle.
                painter.setPen(QPen(theme_.panel, theme_.fontPixels * 0.9));
                painter.drawLine(band.at(0.3), band.at(0.7));
            } else {
                painter.setPen(QPen(theme_.fault, 2, Qt::DashLine));
                painter.drawPolyline(line);
            }
        }
    }
}

/// On the middle of a long link; beside a short one, which would not be seen below it, towards the middle of
/// the picture if there is no card.
void TopologyView::paintLinkMarks(QPainter& painter) const {
    const double moment = momentShown();
    for (const FaultHappened& fault : store_.faults()) {
        if (!isOfLink(fault.kind) || !activeAt(fault, moment)) continue;
        QPointF middle, way;
        int ways = 0;
        for (const LinkBand& band : layout_.bands) {
            if (!strikes(fault, band.link)) continue;
            way = band.to - band.from;
            middle += band.at(0.5);
            ++ways;
        }
        const double length = std::hypot(way.x(), way.y());
        if (ways == 0 || length == 0) continue;
        middle /= ways;
        const QString words = faultBadge(fault.kind, fault.factor);
        const QSizeF size = markAround(middle, words).size();
        const auto free = [&](QPointF at) {
            const QRectF plate = markAround(at, words);
            return std::none_of(layout_.cards.begin(), layout_.cards.end(),
                                [&](const QRectF& card) { return card.intersects(plate); });
        };
        if (length < 3 * size.width()) {
            QPointF aside(-way.y() / length, way.x() / length);
            if (QPointF::dotProduct(aside, canvas().center() - middle) < 0) aside = -aside;
            const double away =
                5 + std::abs(aside.x()) * size.width() / 2 + std::abs(aside.y()) * size.height() / 2;
            // Ever farther inwards, then outwards, until it covers nobody.
            for (const double far : {away, away * 1.5, away * 2, away * 3, -away, -away * 1.5}) {
                if (!free(middle + aside * far)) continue;
                middle += aside * far;
                break;
            }
        }
        paintMark(painter, middle, words);
    }
}

/// A link on its way from a worker to the pointer.
void TopologyView::paintDrawnLink(QPainter& painter) const {
    if (!drawnFrom_ || static_cast<std::size_t>(*drawnFrom_) >= layout_.cards.size()) return;
    painter.setPen(QPen(theme_.accent, 2.5, Qt::DashLine));
    painter.setBrush(Qt::NoBrush);
    const auto over = layout_.cardAt(drawnTo_);
    const QRectF from = layout_.cards[static_cast<std::size_t>(*drawnFrom_)];
    if (over == drawnFrom_) return;
    painter.drawLine(from.center(),
                     over ? layout_.cards[static_cast<std::size_t>(*over)].center() : drawnTo_);
    if (!over) return;
    painter.setPen(QPen(theme_.accent, 2.5));
    painter.drawRoundedRect(layout_.cards[static_cast<std::size_t>(*over)].adjusted(-2, -2, 2, 2), 8, 8);
}

QString TopologyView::faultTipOf(int rank) const {
    QString tip;
    for (const FaultHappened& fault : store_.faults())
        if (strikes(fault, rank) && activeAt(fault, momentShown()))
            tip = QLatin1Char('\n') + faultTip(fault, workers_) + QLatin1Char('\n') +
                  whatFollows(store_.spec(), fault);
    return tip;
}

QString TopologyView::faultTipOf(LinkId link) const {
    QString tip;
    for (const FaultHappened& fault : store_.faults())
        if (strikes(fault, link) && activeAt(fault, momentShown()))
            tip = QLatin1Char('\n') + faultTip(fault, workers_) + QLatin1Char('\n') +
                  whatFollows(store_.spec(), fault);
    return tip;
}

}  // namespace rondo::ui
