// How the timeline looks.
#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/focus_frame.h"
#include "ui/draw/lane_painter.h"
#include "ui/draw/pass_words.h"
#include "ui/draw/phase_mark.h"
#include "ui/draw/phase_words.h"
#include "ui/draw/rank_words.h"
#include "ui/store/lookup.h"
#include "ui/widgets/timeline_view.h"

namespace rondo::ui {

namespace {

QPixmap pictureOf(QSize size, double ratio, const QColor& ground) {
    QPixmap picture(size * ratio);
    picture.setDevicePixelRatio(ratio);
    picture.fill(ground);
    return picture;
}

}  // namespace

void TimelineView::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    painter.fillRect(event->rect(), theme_.panel);
    if (store_.lanes().empty()) {
        paintEmpty(painter);
        if (hasFocus()) paintFocusFrame(painter, rect(), theme_);
        return;
    }
    const QRect lanes = lanesArea();
    const QRect picture(0, lanes.top(), lanes.right() + 1, lanes.height());
    if (lanesStale_ || lanes_.deviceIndependentSize().toSize() != picture.size()) paintLanes();
    if (minimapStale_) paintMinimap();
    if (event->rect().intersects(legendArea())) paintLegend(painter);
    if (event->rect().intersects(stepsArea())) paintSteps(painter);
    if (event->rect().intersects(axisArea())) {
        paintAxis(painter);
        paintFaultSigns(painter);
    }
    painter.drawPixmap(picture.topLeft(), lanes_);
    if (event->rect().intersects(minimapArea())) {
        painter.drawPixmap(minimapArea().topLeft(), minimap_);
    }
    paintOverlay(painter);
    paintShownPart(painter);
    paintMinimapFaults(painter);
    if (hasFocus()) paintFocusFrame(painter, rect(), theme_);
}

void TimelineView::paintEmpty(QPainter& painter) const {
    painter.setFont(bodyFont(theme_));
    painter.setPen(theme_.mutedText);
    const QString words =
        !store_.hasRun() ? tr("Timeline: what every worker does, and when.") +
                               (invites_ ? QLatin1Char('\n') + tr("Press Run to fill it.") : QString())
        : store_.over() ? tr("This run ended without a step.")
                        : tr("%1: the first step will appear here.").arg(stateName(store_.state()));
    painter.drawText(rect(), Qt::AlignCenter, words);
}

void TimelineView::paintLegend(QPainter& painter) const {
    const QRect area = legendArea();
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());

    QString words = follow_ ? (store_.over() ? tr("Last steps") : tr("Following the last steps"))
                            : tr("%1 of %2 shown   End: follow   F: %3")
                                  .arg(durationText(window_.length()), durationText(contentEnd()),
                                       area_ ? tr("area") : tr("all"));
    if (metrics.horizontalAdvance(words) > area.width() * (bubbles_.steps > 0 ? 0.2 : 0.3))
        words = follow_ ? tr("Following") : durationText(window_.length());
    if (chosen_) words = metrics.elidedText(chosenWords(), Qt::ElideRight, area.width() * 0.4);
    double wordsWidth = metrics.horizontalAdvance(words) + 12;
    painter.setPen(chosen_ ? theme_.text : follow_ && !store_.over() ? theme_.good : theme_.mutedText);
    painter.drawText(QRectF(area.right() - wordsWidth, area.top(), wordsWidth - 8, area.height()),
                     Qt::AlignRight | Qt::AlignVCenter, words);
    if (bubbles_.steps > 0) {
        const QString bubble = bubbleWords(bubbles_.measured, bubbles_.ideal);
        const double width = metrics.horizontalAdvance(bubble) + 20;
        painter.setPen(theme_.text);
        painter.drawText(QRectF(area.right() - wordsWidth - width, area.top(), width - 8, area.height()),
                         Qt::AlignRight | Qt::AlignVCenter, bubble);
        wordsWidth += width;
    }

    // Only phases this run has, in the order of a step. What happens once, before the first one, comes last:
    // where there is no room for all, it can be done without.
    std::vector<Phase> phases;
    for (const Phase phase : {Phase::Load, Phase::Forward, Phase::Recompute, Phase::BackwardInput,
                              Phase::BackwardWeight, Phase::Synchronise, Phase::Update, Phase::Wait,
                              Phase::Evaluate, Phase::Preprocess, Phase::Partition}) {
        if (store_.hadPhase(phase)) phases.push_back(phase);
    }
    double x = 10;
    painter.setFont(titleFont(theme_));
    painter.setPen(theme_.text);
    const QString title = tr("Timeline");
    painter.drawText(QRectF(x, area.top(), 200, area.height()), Qt::AlignVCenter, title);
    x = lanesArea().left();
    painter.setFont(captionFont(theme_));
    const double side = theme_.fontPixels - 2;
    const auto widthOf = [&](Phase phase) {
        return side * 1.5 + 5 + metrics.horizontalAdvance(phaseName(phase, !store_.splitBackward())) + 14;
    };
    double all = 0;
    for (const Phase phase : phases) all += widthOf(phase);
    // What can't be named here is counted, and named under the pointer.
    const double more = metrics.horizontalAdvance(tr("+%1").arg(kPhases)) + 4;
    const double right = area.right() - wordsWidth - (x + all > area.right() - wordsWidth ? more : 0);
    hiddenNames_.clear();
    for (const Phase phase : phases) {
        const QString name = phaseName(phase, !store_.splitBackward());
        const double width = widthOf(phase);
        if (!hiddenNames_.isEmpty() || x + width - 12 > right) {
            hiddenNames_ << name;
            continue;
        }
        const QRectF swatch(std::round(x), std::round(area.center().y() - side / 2), std::round(side * 1.5),
                            std::round(side));
        paintPhaseGround(painter, swatch, phase, theme_);
        if (phase == Phase::BackwardInput && stages_.any() && !store_.splitBackward())
            paintBothHalves(painter, swatch, theme_);
        painter.setPen(theme_.text);
        painter.drawText(QPointF(x + side * 1.5 + 5, area.center().y() + metrics.ascent() / 2 - 1), name);
        x += width;
    }
    if (hiddenNames_.isEmpty()) return;
    painter.setPen(theme_.mutedText);
    painter.drawText(QPointF(x, area.center().y() + metrics.ascent() / 2 - 1),
                     tr("+%1").arg(hiddenNames_.size()));
}

void TimelineView::paintSteps(QPainter& painter) const {
    const QRect area = stepsArea();
    const auto& steps = store_.steps();
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    painter.setPen(theme_.mutedText);
    painter.drawText(QRect(10, area.top(), area.left() - 14, area.height()), Qt::AlignVCenter, tr("Steps"));
    if (steps.empty()) return;
    painter.save();
    painter.setClipRect(area);
    const double width = area.width(), narrow = 3 * window_.length() / width;
    const auto xOf = [&](double seconds) { return std::round(area.left() + window_.xOf(seconds, width)); };
    std::size_t i = *stepIndexAt(steps, window_.begin);
    while (i < steps.size() && beginOf(steps, i) < window_.end) {
        const double begin = beginOf(steps, i);
        std::size_t end = i + 1;
        if (steps[i].seconds - begin < narrow) {
            const auto next =
                std::partition_point(steps.begin() + static_cast<std::ptrdiff_t>(i), steps.end(),
                                     [&](const StepPoint& s) { return s.seconds < begin + narrow; });
            end = std::max(end, static_cast<std::size_t>(next - steps.begin()));
        }
        const QRectF box(xOf(begin), area.top() + 2, std::max(1.0, xOf(steps[end - 1].seconds) - xOf(begin)),
                         area.height() - 4);
        const bool chosen = focus_.step() && end == i + 1 && *focus_.step() == steps[i].step;
        painter.fillRect(box.adjusted(0, 0, -1, 0), chosen  ? theme_.accent
                                                    : i % 2 ? theme_.grid
                                                            : theme_.raised);
        painter.fillRect(QRectF(box.left(), box.top(), 1, box.height()), theme_.border);
        if (end == i + 1) {
            const QString number = QString::number(steps[i].step), full = tr("Step %1").arg(number);
            const QRectF seen = box.intersected(area);
            const QString text = metrics.horizontalAdvance(full) + 8 <= seen.width()     ? full
                                 : metrics.horizontalAdvance(number) + 4 <= seen.width() ? number
                                                                                         : QString();
            painter.setPen(chosen ? theme_.accentText : theme_.text);
            if (!text.isEmpty()) painter.drawText(seen, Qt::AlignCenter, text);
        }
        i = end;
    }
    painter.restore();
}

void TimelineView::paintAxis(QPainter& painter) const {
    const QRect area = axisArea();
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    const double cell = metrics.horizontalAdvance(QStringLiteral("00.0000 ms")) + 16;
    const double step = tickStep(window_.length(), std::max(1, static_cast<int>(area.width() / cell)));
    painter.setPen(theme_.mutedText);
    painter.drawText(QRect(10, area.top(), area.left() - 14, area.height()), Qt::AlignVCenter,
                     store_.virtualTime() ? tr("Virtual time") : tr("Time"));
    for (const double tick : ticksBetween(window_.begin, window_.end, step)) {
        if (tick < 0) continue;
        const double x = area.left() + window_.xOf(tick, area.width());
        const QString text = timeText(tick, step);
        const double left = x + 4;
        painter.setPen(theme_.border);
        painter.drawLine(QPointF(std::round(x) + 0.5, area.top() + 4),
                         QPointF(std::round(x) + 0.5, area.bottom() + 1));
        if (left + metrics.horizontalAdvance(text) > area.right()) continue;
        painter.setPen(theme_.mutedText);
        painter.drawText(QPointF(left, area.top() + (area.height() + metrics.ascent()) / 2 - 1), text);
    }
}

void TimelineView::paintLanes() {
    const QRect lanes = lanesArea();
    lanes_ = pictureOf(QSize(lanes.right() + 1, lanes.height()), devicePixelRatioF(), theme_.panel);
    lanesStale_ = false;
    QPainter painter(&lanes_);
    const double width = lanes.width();

    const double cell =
        QFontMetricsF(captionFont(theme_)).horizontalAdvance(QStringLiteral("00.0000 ms")) + 16;
    const double step = tickStep(window_.length(), std::max(1, static_cast<int>(width / cell)));
    for (const double tick : ticksBetween(window_.begin, window_.end, step)) {
        const double x = lanes.left() + std::round(window_.xOf(tick, width));
        painter.fillRect(QRectF(x, 0, 1, lanes.height()), theme_.grid);
    }

    if (!lanePainter_ || painterRatio_ != devicePixelRatioF()) {
        painterRatio_ = devicePixelRatioF();
        lanePainter_ = std::make_unique<LanePainter>(theme_, painterRatio_);
    }
    painter.setClipRect(QRect(lanes.left(), 0, lanes.width(), lanes.height()));
    paintFaultGrounds(painter);
    if (stages_.any()) {
        bubbles_ = stages_.bubbles(static_cast<std::int64_t>(window_.begin * 1e9),
                                   static_cast<std::int64_t>(window_.end * 1e9));
        paintIdle(painter);
        paintGhosts(painter);
        paintMemory(painter);
    }
    LanePainter& lanePainter = *lanePainter_;
    const int shift = scroll_->value();
    const std::size_t first = layout_.firstBelow(shift);
    double forgotten = 0;  // pixels from the left edge
    for (std::size_t i = first; i < layout_.rows.size() && i < store_.lanes().size(); ++i) {
        const LaneRow& row = layout_.rows[i];
        if (row.upper() - shift >= lanes.height()) break;
        if (const auto before = store_.lanes()[i].forgottenBefore()) {
            const double to = std::clamp(window_.xOf(static_cast<double>(*before) * 1e-9, width), 0.0, width);
            painter.fillRect(QRectF(lanes.left(), row.top - shift, std::round(to), row.height),
                             QBrush(theme_.border, Qt::Dense6Pattern));
            forgotten = std::max(forgotten, to);
        }
        const QRectF place(lanes.left(), row.top - shift, width, row.height);
        lanePainter.paint(painter, store_.lanes()[i], window_, place);
        if (const Span* span = store_.underWay(row.rank, row.lane)) {
            const auto now = static_cast<std::int64_t>(store_.duration() * 1e9);
            LaneSpan soFar = LaneSpan::of(*span);
            soFar.end = std::min(soFar.end, now);
            lanePainter.paintUnderWay(painter, soFar, window_, place);
        }
    }
    paintLaneFaults(painter);
    if (forgotten > 0) {
        // Else it would look like a time in which nobody did anything.
        painter.setFont(captionFont(theme_));
        const QFontMetricsF metrics(painter.font());
        const QString words = forgottenWords();
        const QRectF plate(lanes.left() + 4, (lanes.height() - metrics.height()) / 2 - 1,
                           std::min(metrics.horizontalAdvance(words) + 10, forgotten - 4),
                           metrics.height() + 2);
        painter.fillRect(plate, theme_.raised);
        painter.setPen(theme_.text);
        painter.drawText(plate, Qt::AlignCenter,
                         metrics.elidedText(words, Qt::ElideRight, std::max(0.0, plate.width() - 6)));
    }
    painter.setClipping(false);
    paintStruckNames(painter);

    // Names: of every rank where there is room, if need be in smaller type, else of every so many.
    QFont font = captionFont(theme_);
    double pitch = lanes.height();
    for (std::size_t i = 1, last = 0; i < layout_.rows.size(); ++i) {
        if (!layout_.rows[i].firstOfRank) continue;
        pitch = std::min<double>(pitch, layout_.rows[i].top - layout_.rows[last].top);
        last = i;
    }
    constexpr int kSmallest = 11;  // pixels
    while (font.pixelSize() > kSmallest && QFontMetricsF(font).ascent() + 1 > pitch)
        font.setPixelSize(font.pixelSize() - 1);
    painter.setFont(font);
    const QFontMetricsF metrics(painter.font());
    const double line = std::min(metrics.height(), metrics.ascent() + 1);
    double free = -1e9;
    for (std::size_t i = first; i < layout_.rows.size(); ++i) {
        const LaneRow& row = layout_.rows[i];
        const double top = row.top - shift;
        if (row.upper() - shift >= lanes.height()) break;
        if (row.lane == Lane::Compute && stages_.isStage(row.rank)) {
            const bool network = i + 1 < layout_.rows.size() && layout_.rows[i + 1].rank == row.rank;
            paintStageHead(painter, row, row.upper() - shift,
                           row.lower() + (network ? layout_.rows[i + 1].height : 0) - shift);
            continue;
        }
        // Beside its lane, but never cut by the edge.
        const double middle =
            std::clamp(top + row.height / 2.0, line / 2, std::max(line / 2, lanes.height() - line / 2));
        if (row.firstOfRank && middle - line / 2 >= free) {
            painter.setPen(theme_.text);
            painter.drawText(QRectF(10, middle - metrics.height() / 2, lanes.left() - 14, metrics.height()),
                             Qt::AlignVCenter, rankName(row.rank, store_.workers()));
            // From where its lane is: one that was pushed away from the edge doesn't cost its neighbour its
            // name.
            free = std::min(middle, top + row.height / 2.0) + line / 2 - 0.5;
        } else if (row.lane == Lane::Communication && row.height >= 10) {
            QFont small = painter.font();
            small.setPixelSize(std::min(theme_.fontPixels - 3, row.height));
            painter.save();
            painter.setFont(small);
            painter.setPen(theme_.mutedText);
            painter.drawText(QRectF(10, top, lanes.left() - 16, row.height),
                             Qt::AlignVCenter | Qt::AlignRight, tr("network"));
            painter.restore();
        }
    }
}

void TimelineView::paintOverlay(QPainter& painter) const {
    const QRect lanes = lanesArea();
    const double width = lanes.width();
    const auto& steps = store_.steps();

    if (focus_.step()) {
        if (const auto index = indexOfStep(steps, *focus_.step())) {
            const double left = std::max(0.0, window_.xOf(beginOf(steps, *index), width));
            const double right = std::min(width, window_.xOf(steps[*index].seconds, width));
            if (right > left) {
                const QRectF band(lanes.left() + left, lanes.top(), right - left, lanes.height());
                painter.fillRect(QRectF(band.left(), band.top(), 2, band.height()), theme_.accent);
                painter.fillRect(QRectF(band.right() - 2, band.top(), 2, band.height()), theme_.accent);
            }
        }
    }
    if (focus_.rank()) {
        const int shift = scroll_->value();
        for (const LaneRow& row : layout_.rows) {
            if (row.rank != *focus_.rank()) continue;
            const QRect mark(3, lanes.top() + row.upper() - shift, 3, row.lower() - row.upper());
            painter.fillRect(mark.intersected(QRect(0, lanes.top(), width, lanes.height())), theme_.accent);
        }
    }
    if (focus_.cursor()) {
        const double x = std::round(window_.xOf(*focus_.cursor(), width));
        if (x >= 0 && x <= width) {
            painter.fillRect(
                QRectF(lanes.left() + x, stepsArea().top(), 1, lanes.bottom() - stepsArea().top()),
                theme_.accent);
            painter.setFont(captionFont(theme_));
            const QFontMetricsF metrics(painter.font());
            const QString text = timeText(*focus_.cursor(), window_.length() / 1000);
            const double w = metrics.horizontalAdvance(text) + 10;
            const double left = std::min(lanes.left() + x + 1, lanes.right() - w);
            const QRectF plate(left, axisArea().top(), w, axisArea().height());
            painter.fillRect(plate, theme_.raised);
            painter.setPen(theme_.text);
            painter.drawText(plate, Qt::AlignCenter, text);
        }
    }
    paintChosen(painter);
    paintArea(painter);
}

}  // namespace rondo::ui
