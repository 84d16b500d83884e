// How the topology looks.
#include <QFontMetricsF>
#include <QPaintEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <span>

#include "ui/draw/axis.h"
#include "ui/draw/focus_frame.h"
#include "ui/draw/phase_mark.h"
#include "ui/draw/phase_words.h"
#include "ui/draw/rank_words.h"
#include "ui/store/lookup.h"
#include "ui/widgets/topology_view.h"

namespace rondo::ui {

namespace {

constexpr std::size_t kMostNumbered = 16;  // more rates beside their links would cover each other

QColor faded(QColor colour, int alpha) {
    colour.setAlpha(alpha);
    return colour;
}

double lengthOf(QPointF v) {
    return std::hypot(v.x(), v.y());
}

QPolygonF lineOf(const LinkBand& band) {
    const std::vector<QPointF> points = band.points();
    return QPolygonF(QList<QPointF>(points.begin(), points.end()));
}

/// Wide at the sender, narrow at the receiver: the direction is told without an arrow head.
QPolygonF taperedBand(const LinkBand& band, double half) {
    const std::vector<QPointF> points = band.points();
    QPolygonF left, right;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const QPointF way = points[std::min(i + 1, points.size() - 1)] - points[i > 0 ? i - 1 : 0];
        const QPointF aside = QPointF(-way.y(), way.x()) / std::max(lengthOf(way), 1e-9);
        const double part = static_cast<double>(i) / static_cast<double>(points.size() - 1);
        const double reach = half * (1 - 0.75 * part);
        left << points[i] - aside * reach;
        right.prepend(points[i] + aside * reach);
    }
    return left + right;
}

}  // namespace

void TopologyView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (backgroundStale_ || background_.deviceIndependentSize().toSize() != size()) paintBackground();
    painter.drawPixmap(0, 0, background_);
    painter.setRenderHint(QPainter::Antialiasing);
    paintLinks(painter);
    paintFaultedLinks(painter);
    paintDots(painter);
    if (layout_.detail == TopologyLayout::Detail::Dot && !layout_.inLines)
        paintNumbers(painter);  // over links, under workers
    const int cards = static_cast<int>(layout_.cards.size());
    for (int rank = 0; rank < cards; ++rank) paintCard(painter, rank);
    paintFaultBadges(painter);
    paintLinkMarks(painter);
    paintDrawnLink(painter);
    paintWords(painter);
    paintNotes(painter);
    if (hasFocus()) paintFocusFrame(painter, rect(), theme_);
}

void TopologyView::paintBackground() {
    background_ = QPixmap(size() * devicePixelRatioF());
    background_.setDevicePixelRatio(devicePixelRatioF());
    background_.fill(theme_.panel);
    backgroundStale_ = false;
    QPainter painter(&background_);
    painter.setRenderHint(QPainter::Antialiasing);
    // The bare lines of the links, so that one sees who could talk while nobody does.
    const bool many = layout_.bands.size() > 100;
    painter.setPen(QPen(many ? theme_.grid : theme_.border, many ? 0.7 : 1.5));
    for (const LinkBand& band : layout_.bands) painter.drawPolyline(lineOf(band));
    paintFrames(painter);

    const double side = theme_.fontPixels * 0.62;
    dot_ = QPixmap(QSize(static_cast<int>(side) + 4, static_cast<int>(side) + 4) * devicePixelRatioF());
    dot_.setDevicePixelRatio(devicePixelRatioF());
    dot_.fill(Qt::transparent);
    QPainter sprite(&dot_);
    sprite.setRenderHint(QPainter::Antialiasing);
    sprite.setPen(QPen(theme_.panel, 1.5));
    sprite.setBrush(theme_.communication);
    sprite.drawEllipse(QRectF(1, 1, side + 1, side + 1));
}

void TopologyView::paintLinks(QPainter& painter) const {
    double busiest = 0;
    for (const LinkBand& band : layout_.bands) busiest = std::max(busiest, rateOf(band.link));
    const bool asDots = layout_.detail == TopologyLayout::Detail::Dot;
    // A band must not hide what it leads to.
    const double widest = asDots && !layout_.cards.empty()
                              ? std::min(theme_.fontPixels * 0.8, layout_.cards[0].width() * 0.6)
                              : theme_.fontPixels * 0.8;
    const bool numbered = layout_.bands.size() <= kMostNumbered && !asDots;
    const QPointF middle = canvas().center();
    std::vector<QRectF> plates;  // of the rates so far
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());

    for (const LinkBand& band : layout_.bands) {
        const double rate = rateOf(band.link);
        const bool chosen = focus_.link() == band.link;
        const bool touched =
            chosen || (focus_.rank() && (band.link.from == *focus_.rank() || band.link.to == *focus_.rank()));
        const QPointF way = band.to - band.from;
        const double length = lengthOf(way);
        if (length < 1) continue;
        const QPointF along = way / length, right(-along.y(), along.x());
        if (rate > 0 && busiest > 0) {
            const double half =
                std::max(1.2, widest * rate / busiest) / 2 * (layout_.bands.size() > 60 ? 0.5 : 1);
            painter.setPen(Qt::NoPen);
            painter.setBrush(faded(chosen ? theme_.accent : theme_.communication, touched         ? 230
                                                                                  : theme_.isDark ? 120
                                                                                                  : 95));
            painter.drawPolygon(taperedBand(band, half));
        } else if (touched) {
            painter.setPen(QPen(theme_.accent, 2));
            painter.drawPolyline(lineOf(band));
        }
        if (rate <= 0 || !(numbered || touched)) continue;
        // Outside of the circle, where nothing else is; where two directions share a line, each on its own
        // side.
        const QString text = rateText(rate);
        const QPointF centre = band.at(0.5);
        const QSizeF size(metrics.horizontalAdvance(text) + 10, metrics.height() + 2);
        QPointF out = centre - middle;
        if (!band.bow.isNull())
            out = band.bow;
        else if (layout_.inLines || lengthOf(out) < widest * 2)
            out = right;
        out /= std::max(lengthOf(out), 1e-9);
        // Of two opposite links the right-hand one is the farther out for one and the nearer for the other.
        if (QPointF::dotProduct(out, right) < -0.2 && isPaired(band.link)) out = -out;
        const double reach =
            widest / 2 + 3 + std::abs(out.x()) * size.width() / 2 + std::abs(out.y()) * size.height() / 2;
        QRectF plate(QPointF(), size);
        const auto covers = [&](const std::vector<QRectF>& others) {
            return std::any_of(others.begin(), others.end(),
                               [&](const QRectF& other) { return other.intersects(plate); });
        };
        // Outside, else inside, else over the band itself if most of it is still seen; in a crowd not at all.
        const double covered = std::abs(along.x()) * size.width() + std::abs(along.y()) * size.height();
        bool fits = false;
        for (const double side : {1.0, -1.0, 0.0}) {
            if (side == 0 && covered > 0.45 * length) break;
            plate.moveCenter(centre + out * reach * side);
            fits = plate.left() >= 2 && plate.right() <= width() - 2 && !covers(layout_.cards) &&
                   !covers(plates);
            if (fits) break;
        }
        if (!fits) continue;
        plates.push_back(plate);
        painter.setPen(Qt::NoPen);
        painter.setBrush(faded(theme_.panel, 215));
        painter.drawRoundedRect(plate, 3, 3);
        painter.setPen(touched ? theme_.text : theme_.mutedText);
        painter.drawText(plate, Qt::AlignCenter, text);
    }
}

bool TopologyView::isPaired(LinkId link) const {
    return std::any_of(layout_.bands.begin(), layout_.bands.end(), [link](const LinkBand& other) {
        return other.link.from == link.to && other.link.to == link.from;
    });
}

void TopologyView::paintDots(QPainter& painter) {
    const QSizeF size = dot_.deviceIndependentSize();
    for (const MessageDots::Dot& dot : dots_.at(clock_.elapsed())) {
        const auto band = std::lower_bound(layout_.bands.begin(), layout_.bands.end(), dot.link,
                                           [](const LinkBand& b, LinkId id) { return b.link < id; });
        if (band == layout_.bands.end() || band->link != dot.link) continue;
        const QPointF at = band->at(dot.progress);
        painter.drawPixmap(at - QPointF(size.width() / 2, size.height() / 2), dot_);
    }
}

TopologyView::Doing TopologyView::doingOf(int rank) const {
    Doing doing;
    if (!store_.hasRun()) return doing;
    const SpanLane* lane = laneOf(store_, rank, Lane::Compute);
    doing.step = store_.currentStep(rank);
    std::int64_t until = std::numeric_limits<std::int64_t>::max();
    if (focus_.cursor()) {
        until = static_cast<std::int64_t>(*focus_.cursor() * 1e9);
        const LaneSpan* span = lane ? lane->at(until) : nullptr;
        // Who waits for a message that travels synchronises.
        const SpanLane* exchange = laneOf(store_, rank, Lane::Communication);
        if (!span || span->phase == Phase::Wait) {
            if (const LaneSpan* travels = exchange ? exchange->at(until) : nullptr) span = travels;
        }
        doing.phase = span ? std::optional(span->phase) : std::nullopt;
        if (span && span->step != kNone) doing.step = span->step;
        doing.words = span ? phaseSentence(span->phase, span->fused) : tr("Idle");
        until += 1;
        if (span) until = std::max(until, span->begin + 1);
        // The whole step is shown as the share, also what comes after the cursor.
        if (const auto index = indexOfStep(store_.steps(), doing.step)) {
            until = std::max(until, static_cast<std::int64_t>(store_.steps()[*index].seconds * 1e9) + 1);
        }
    } else if (store_.over() || store_.state() == RunState::Paused) {
        doing.words = store_.interrupted() ? tr("Interrupted") : stateName(store_.state());
    } else if (const auto phase = store_.currentPhase(rank)) {
        doing.phase = phase;
        doing.words = phaseSentence(*phase, !store_.splitBackward());
    } else {
        doing.words = stateName(store_.state());
    }
    const bool shown = layout_.detail != TopologyLayout::Detail::Dot;
    if (shown && lane && doing.step != kNone) doing.shares = sharesOfStep(*lane, doing.step, until);
    return doing;
}

void TopologyView::paintCard(QPainter& painter, int rank) const {
    const QRectF card = layout_.cards[static_cast<std::size_t>(rank)];
    const bool chosen = focus_.rank() == rank;
    const bool failed = store_.hasRun() && store_.state() == RunState::Failed;
    const Doing doing = doingOf(rank);
    const QPen border = chosen   ? QPen(theme_.accent, 2.5)
                        : failed ? QPen(theme_.fault, 2)
                                 : QPen(theme_.border, 1.2);
    painter.setPen(border);

    if (layout_.detail == TopologyLayout::Detail::Dot) {
        // A small dot without a phase would be its outline only, and then nothing.
        painter.setBrush(doing.phase        ? theme_.colourOf(*doing.phase)
                         : card.width() < 9 ? theme_.mutedText
                                            : theme_.raised);
        if (card.width() < 6 && !chosen) painter.setPen(Qt::NoPen);
        painter.drawEllipse(card);
        return;
    }
    painter.setBrush(theme_.raised);
    if (layout_.inLines) {
        painter.drawRoundedRect(card, 7, 7);
        paintPartCard(painter, rank, doing, failed);
        return;
    }
    // A server is an angular card with a second frame.
    const double corner = rank < workers_ ? 7 : 0;
    painter.drawRoundedRect(card, corner, corner);
    if (rank >= workers_) painter.drawRect(card.adjusted(3, 3, -3, -3));
    const double unit = QFontMetricsF(bodyFont(theme_)).height(), pad = unit * 0.5, mark = unit * 0.78;
    const QRectF inner = card.adjusted(pad, pad * 0.7, -pad, -pad * 0.7);

    if (layout_.detail == TopologyLayout::Detail::Badge) {
        const QString number = rank < workers_ ? QString::number(rank) : tr("S%1").arg(rank - workers_);
        painter.setFont(titleFont(theme_));
        const double wide = QFontMetricsF(painter.font()).horizontalAdvance(number);
        const double all = wide + (doing.phase || failed ? mark + 4 : 0);
        double x = card.center().x() - all / 2;
        const QRectF at(x, card.center().y() - mark / 2, mark, mark);
        if (failed)
            paintFaultMark(painter, at, theme_);
        else if (doing.phase)
            paintPhaseMark(painter, at, *doing.phase, theme_);
        x += all - wide;
        painter.setPen(theme_.text);
        painter.drawText(QRectF(x, card.top(), wide + 2, card.height()), Qt::AlignVCenter, number);
        return;
    }
    if (layout_.detail == TopologyLayout::Detail::Compact) {
        const bool marked = doing.phase.has_value();
        const QRectF line(inner.left(), inner.top(), inner.width(), unit);
        if (marked)
            paintPhaseMark(painter, QRectF(line.left(), line.center().y() - mark / 2, mark, mark),
                           *doing.phase, theme_);
        painter.setFont(captionFont(theme_));
        painter.setPen(theme_.text);
        painter.drawText(line.adjusted(marked ? mark + 3 : 0, 0, 0, 0), Qt::AlignCenter,
                         rankName(rank, workers_));
        paintShares(painter, QRectF(inner.left(), inner.bottom() - unit * 0.3, inner.width(), unit * 0.3),
                    doing.shares);
        return;
    }

    const QRectF first(inner.left(), inner.top(), inner.width(), unit),
        second(inner.left(), first.bottom() + 1, inner.width(), unit);
    painter.setFont(titleFont(theme_));
    painter.setPen(theme_.text);
    painter.drawText(first, Qt::AlignVCenter, rankName(rank, workers_));
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    if (doing.step != kNone)
        painter.drawText(first, Qt::AlignVCenter | Qt::AlignRight, tr("step %1").arg(doing.step));
    double x = second.left();
    if (failed) {
        paintFaultMark(painter, QRectF(x, second.center().y() - mark / 2, mark, mark), theme_);
        x += mark + 5;
    } else if (doing.phase) {
        paintPhaseMark(painter, QRectF(x, second.center().y() - mark / 2, mark, mark), *doing.phase, theme_);
        x += mark + 5;
    }
    painter.setFont(captionFont(theme_));
    painter.setPen(failed ? theme_.fault : doing.phase ? theme_.text : theme_.mutedText);
    const QString words = store_.hasRun() ? doing.words : tr("Ready");
    painter.drawText(QRectF(x, second.top(), inner.right() - x, unit), Qt::AlignVCenter, words);

    paintShares(painter, QRectF(inner.left(), inner.bottom() - unit * 0.45, inner.width(), unit * 0.45),
                doing.shares);
}

void TopologyView::paintFrames(QPainter& painter) const {
    painter.setPen(QPen(theme_.border, 1));
    painter.setBrush(theme_.grid);
    for (const QRectF& frame : layout_.frames) painter.drawRoundedRect(frame, 9, 9);
}

/// Who it is, what it holds, what it does, line by line as far as they go.
void TopologyView::paintPartCard(QPainter& painter, int rank, const Doing& doing, bool failed) const {
    const QRectF card = layout_.cards[static_cast<std::size_t>(rank)];
    const double unit = QFontMetricsF(bodyFont(theme_)).height(), pad = unit * 0.4, mark = unit * 0.78;
    const QRectF inner = card.adjusted(pad, pad * 0.6, -pad, -pad * 0.6);
    const bool brief = layout_.detail == TopologyLayout::Detail::Badge;
    const bool full = layout_.detail == TopologyLayout::Detail::Full;
    const auto paintMark = [&](QPointF middle) {
        const QRectF at(middle - QPointF(mark, mark) / 2, QSizeF(mark, mark));
        if (failed)
            paintFaultMark(painter, at, theme_);
        else if (doing.phase)
            paintPhaseMark(painter, at, *doing.phase, theme_);
    };
    const QRectF first(inner.left(), inner.top(), inner.width(), unit);
    const QRectF second(inner.left(), first.bottom() + 1, inner.width(), unit);
    const auto say = [&](const QRectF& line, const QString& words, Qt::Alignment place) {
        painter.drawText(line, static_cast<int>(Qt::AlignVCenter | place),
                         QFontMetricsF(painter.font()).elidedText(words, Qt::ElideRight, line.width()));
    };
    painter.setFont(titleFont(theme_));
    painter.setPen(theme_.text);
    if (brief) {
        const bool alone = card.height() < 2 * unit;
        QRectF line = alone ? QRectF(inner.left(), card.top(), inner.width(), card.height()) : first;
        if (doing.phase || failed) {
            paintMark({line.left() + mark / 2, line.center().y()});
            line.setLeft(line.left() + mark + 3);
        }
        say(line, QString::number(rank), Qt::AlignHCenter);
        if (alone) return;
        painter.setFont(captionFont(theme_));
        painter.setPen(theme_.mutedText);
        say(second.adjusted(-pad / 2, 0, pad / 2, 0), parts_->holds(rank), Qt::AlignHCenter);
        return;
    }
    say(first, parts_->title(rank), Qt::AlignLeft);
    if (!full) paintMark({first.right() - mark / 2, first.center().y()});
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    if (full && doing.step != kNone) say(first, tr("step %1").arg(doing.step), Qt::AlignRight);
    // The stage is told by the column too.
    const bool whole = QFontMetricsF(painter.font()).horizontalAdvance(parts_->holds(rank)) <= second.width();
    say(second, whole ? parts_->holds(rank) : parts_->layersOf(rank), Qt::AlignLeft);
    const double bar = unit * (full ? 0.45 : 0.3);
    if (full) {
        QRectF third(inner.left(), second.bottom() + 1, inner.width(), unit);
        if (doing.phase || failed) {
            paintMark({third.left() + mark / 2, third.center().y()});
            third.setLeft(third.left() + mark + 5);
        }
        painter.setPen(failed ? theme_.fault : doing.phase ? theme_.text : theme_.mutedText);
        say(third, store_.hasRun() ? doing.words : tr("Ready"), Qt::AlignLeft);
    }
    paintShares(painter, QRectF(inner.left(), inner.bottom() - bar, inner.width(), bar), doing.shares);
}

/// Beside dots, towards the middle, of as many workers as there is room for.
void TopologyView::paintNumbers(QPainter& painter) const {
    const std::span cards = std::span(layout_.cards).first(static_cast<std::size_t>(workers_));
    if (cards.size() < 2) return;
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    const QFontMetricsF metrics(painter.font());
    const double high = metrics.height(), wide = metrics.horizontalAdvance(QString::number(cards.size() - 1));
    double apart = lengthOf(cards.front().center() - cards.back().center());
    for (std::size_t i = 1; i < cards.size(); ++i)
        apart = std::min(apart, lengthOf(cards[i].center() - cards[i - 1].center()));
    const double count = static_cast<double>(cards.size());
    const int room = static_cast<int>(count * apart / (wide + high));
    if (room < 1) return;
    const auto every = static_cast<std::size_t>(std::max(1.0, tickStep(count, room)));
    const QPointF middle = canvas().center();
    for (std::size_t i = 0; i < cards.size(); i += every) {
        // The last must not lie over the first, which it stands beside.
        if (i > 0 && cards.size() - i < every) break;
        const QPointF way = middle - cards[i].center();
        const double length = lengthOf(way), away = cards[i].width() / 2 + (wide + high) / 4 + 3;
        if (length < 2 * away) return;
        QRectF place(0, 0, wide + 2, high);
        place.moveCenter(cards[i].center() + way / length * away);
        painter.fillRect(place, faded(theme_.panel, 200));  // the links of a star pass here
        painter.drawText(place, Qt::AlignCenter, QString::number(i));
    }
}

/// How the last step's time was spent.
void TopologyView::paintShares(QPainter& painter, const QRectF& bar, const PhaseShares& shares) const {
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (shares.total > 0) {
        double from = bar.left();
        for (int phase = 0; phase < kPhases; ++phase) {
            const double to = from + shares.of[static_cast<std::size_t>(phase)] * bar.width();
            const double left = std::round(from), right = std::round(to);
            if (right > left)
                paintPhaseGround(painter, QRectF(left, bar.top(), right - left, bar.height()),
                                 static_cast<Phase>(phase), theme_);
            from = to;
        }
    } else {
        painter.fillRect(bar, theme_.grid);
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
}

void TopologyView::paintWords(QPainter& painter) const {
    painter.setFont(titleFont(theme_));
    painter.setPen(theme_.text);
    const QRectF top(10, 0, width() - 20, titleHeight());
    painter.drawText(top, Qt::AlignVCenter, tr("Topology"));
    const QFontMetricsF title(painter.font());
    const double used = title.horizontalAdvance(tr("Topology")) + 14;

    QString words = picture_;
    if (focus_.cursor() && store_.hasRun())
        words = tr("At %1").arg(timeText(*focus_.cursor(), std::max(store_.duration(), 1e-6) / 1000));
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    const QFontMetricsF caption(painter.font());
    const double room = top.width() - used;
    painter.drawText(top.adjusted(used, 0, 0, 0), Qt::AlignVCenter,
                     caption.elidedText(words, Qt::ElideRight, room));
    if (store_.hasRun() && !layout_.bands.empty()) {
        const QString rates = store_.over() ? tr("payload, mean of the run") : tr("payload a second, now");
        const double apart = 2 * caption.averageCharWidth();
        if (caption.horizontalAdvance(words) + apart + caption.horizontalAdvance(rates) <= room)
            painter.drawText(top, Qt::AlignVCenter | Qt::AlignRight, rates);
    }

    // Whoever draws links needs the room in the middle.
    if (store_.hasRun() ? store_.state() != RunState::Failed : drawable()) return;
    // In the empty middle of the circle; of one worker, or where servers stand in the middle, below them.
    const bool failed = store_.hasRun();
    const QString message =
        failed     ? (store_.stateDetail().isEmpty() ? tr("The run failed.") : store_.stateDetail())
        : invites_ ? tr("No run yet: press Run")
                   : tr("No run yet");
    painter.setFont(bodyFont(theme_));
    const QFontMetricsF metrics(painter.font());
    const double wide = std::min(width() * 0.44, 420.0);
    QRectF box = metrics.boundingRect(QRectF(0, 0, wide, 400), Qt::TextWordWrap | Qt::AlignCenter, message);
    double middle = canvas().center().y();
    // Of lines that fill the picture, at its bottom.
    const auto alone = static_cast<std::size_t>(workers_ == 1 || layout_.inLines ? 0 : workers_);
    for (std::size_t i = alone; i < layout_.cards.size(); ++i)
        middle = std::max(middle, layout_.cards[i].bottom() + box.height() / 2 + 14);
    middle = std::min(middle, canvas().bottom() - box.height() / 2 - 6);
    box.moveCenter(QPointF(width() / 2.0, middle));
    painter.setPen(Qt::NoPen);
    painter.setBrush(faded(theme_.panel, 230));
    painter.drawRoundedRect(box.adjusted(-10, -6, 10, 6), 6, 6);
    if (failed) {
        const double side = metrics.height();
        paintFaultMark(painter, QRectF(box.left() - side - 6, box.center().y() - side / 2, side, side),
                       theme_);
    }
    painter.setPen(failed ? theme_.text : theme_.mutedText);
    painter.drawText(box.adjusted(-2, -2, 2, 2), Qt::TextWordWrap | Qt::AlignCenter, message);
}

}  // namespace rondo::ui
