// What the timeline shows of a pipeline's stages: the ideal schedule, bubbles, and what a stage keeps.
#include <QFontMetricsF>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>
#include <map>

#include "ui/draw/axis.h"
#include "ui/draw/lane_painter.h"
#include "ui/draw/pass_words.h"
#include "ui/draw/phase_mark.h"
#include "ui/draw/rank_words.h"
#include "ui/draw/stage_levels.h"
#include "ui/store/lookup.h"
#include "ui/widgets/timeline_view.h"

namespace rondo::ui {

namespace {

// Pixels: of steps that are narrower no ghost is drawn, and no idle time of their own.
constexpr double kLeastGhost = 48, kLeastIdle = 24;

std::int64_t nsOf(double seconds) {
    return static_cast<std::int64_t>(seconds * 1e9);
}

QString peakText(const StageMemory& memory) {
    return QObject::tr("peak %1").arg(numberText(memory.share(memory.peak()), memory.chunks() > 1 ? 0.1 : 1));
}

}  // namespace

int TimelineView::stageGutter() const {
    if (!stages_.any()) return 0;
    const QFontMetrics metrics(captionFont(theme_));
    return std::max(metrics.horizontalAdvance(tr("Worker 00  peak 00.0")),
                    metrics.horizontalAdvance(tr("00.0 %  ideal 00.0 %")) + theme_.fontPixels);
}

/// Under the spans: between its first and its last pass of a step a stage should compute.
void TimelineView::paintIdle(QPainter& painter) const {
    const QRect lanes = lanesArea();
    const int shift = scroll_->value();
    LanePainter& lanePainter = *lanePainter_;
    for (std::size_t i = layout_.firstBelow(shift); i < layout_.rows.size(); ++i) {
        const LaneRow& row = layout_.rows[i];
        if (row.upper() - shift >= lanes.height()) break;
        if (row.lane != Lane::Compute || !stages_.isStage(row.rank)) continue;
        const auto steps = stages_.ledgerOf(row.rank).between(nsOf(window_.begin), nsOf(window_.end) + 1);
        if (static_cast<double>(steps.size()) * kLeastIdle > lanes.width()) continue;
        double drawnTo = lanes.left();
        for (const StageStep& step : steps) {
            const double left = std::max(drawnTo, std::round(xOf(static_cast<double>(step.begin) * 1e-9)));
            const double right =
                std::min<double>(lanes.right() + 1, std::round(xOf(static_cast<double>(step.end) * 1e-9)));
            if (right <= left) continue;
            lanePainter.paintIdle(painter, QRectF(left, row.top - shift, right - left, row.height));
            drawnTo = right;
        }
    }
}

/// Each step that is in sight, from where its replica began it.
void TimelineView::paintGhosts(QPainter& painter) const {
    const IdealSchedule* ideal = stages_.ideal();
    if (!ideal) return;
    const QRect lanes = lanesArea();
    const int shift = scroll_->value();
    LanePainter& lanePainter = *lanePainter_;
    struct Begun {
        int step = 0;
        double seconds = 0;
    };
    std::map<int, std::vector<Begun>> begun;  // by the rank of a replica's first stage
    const auto begunBy = [&](int rank) -> const std::vector<Begun>& {
        MeshPlace place = rondo::placeOf(stages_.plan().mesh, Rank{rank});
        place.stage = 0;
        auto [own, fresh] = begun.try_emplace(rankOf(stages_.plan().mesh, place).value);
        if (!fresh) return own->second;
        int first = std::numeric_limits<int>::max(), last = kNone;
        std::size_t most = 0;
        for (place.stage = 0; place.stage < stages_.plan().mesh.pipeline; ++place.stage) {
            const int stage = rankOf(stages_.plan().mesh, place).value;
            const auto steps = stages_.ledgerOf(stage).between(nsOf(window_.begin), nsOf(window_.end) + 1);
            if (steps.empty()) continue;
            first = std::min<int>(first, steps.front().step);
            last = std::max<int>(last, steps.back().step);
            most = std::max(most, steps.size());
        }
        if (static_cast<double>(most) * kLeastGhost > lanes.width()) return own->second;
        for (int step = first; step <= last; ++step)
            if (const auto begin = stages_.beginOf(step, rank))
                own->second.push_back({step, static_cast<double>(*begin) * 1e-9});
        return own->second;
    };
    for (std::size_t i = layout_.firstBelow(shift); i < layout_.rows.size(); ++i) {
        const LaneRow& row = layout_.rows[i];
        if (row.upper() - shift >= lanes.height()) break;
        if (row.ghost == 0 || !stages_.isStage(row.rank)) continue;
        const auto stage = static_cast<std::size_t>(stages_.stageOf(row.rank));
        const QRectF place(lanes.left(), row.upper() - shift, lanes.width(), row.ghost - 1);
        for (const Begun& one : begunBy(row.rank)) {
            const IdealSchedule::Stage& own = ideal->step(one.step).stages[stage];
            const TimeWindow window = window_.panned(-one.seconds);
            const double left = std::max(
                             0.0, window.xOf(static_cast<double>(own.step.begin) * 1e-9, place.width())),
                         right = std::min(place.width(), window.xOf(static_cast<double>(own.step.end) * 1e-9,
                                                                    place.width()));
            if (right <= left) continue;
            // What it stands on is its bubble.
            painter.fillRect(QRectF(place.left() + left, place.top(), right - left, place.height()),
                             theme_.wait);
            lanePainter.paintGhost(painter, own.spans, window, place);
        }
    }
}

void TimelineView::paintMemory(QPainter& painter) const {
    const QRect lanes = lanesArea();
    const int shift = scroll_->value();
    // One scale for all stages, so that they compare.
    double most = 1;
    for (const LaneRow& row : layout_.rows) {
        if (row.lane != Lane::Compute || !stages_.isStage(row.rank)) continue;
        const StageMemory& memory = stages_.memoryOf(row.rank);
        most = std::max({most, memory.share(memory.peak()), static_cast<double>(memory.peak().versions)});
    }
    std::vector<LevelBox> boxes;
    for (std::size_t i = layout_.firstBelow(shift); i < layout_.rows.size() && i < store_.lanes().size();
         ++i) {
        const LaneRow& row = layout_.rows[i];
        if (row.upper() - shift >= lanes.height()) break;
        if (row.memory == 0 || !stages_.isStage(row.rank)) continue;
        const StageMemory& memory = stages_.memoryOf(row.rank);
        levelBoxes(memory, store_.lanes()[i], window_, lanes.width(), boxes);
        const double floor = row.lower() - shift, room = row.memory - 2;
        const auto heightOf = [&](double share) {
            return share > 0 ? std::max(1.0, std::round(share / most * room)) : 0;
        };
        const auto placeOf = [&](const LevelBox& box, double tall) {
            const double left = std::round(lanes.left() + box.left),
                         right = std::round(lanes.left() + box.right);
            return QRectF(left, floor - tall, std::max(1.0, right - left), tall);
        };
        const double share = theme_.isDark ? 0.35 : 0.28;
        const auto mix = [share](int x, int y) { return static_cast<int>(x * (1 - share) + y * share); };
        const QColor ground(mix(theme_.panel.red(), theme_.load.red()),
                            mix(theme_.panel.green(), theme_.load.green()),
                            mix(theme_.panel.blue(), theme_.load.blue()));
        for (const LevelBox& box : boxes) {
            const double tall = heightOf(memory.share(box.level));
            if (tall == 0) continue;
            const QRectF at = placeOf(box, tall);
            painter.fillRect(at, ground);
            painter.fillRect(QRectF(at.left(), at.top(), at.width(), 1), theme_.load);
        }
        if (!memory.hasVersions()) continue;
        for (const LevelBox& box : boxes) {
            // Dashed, over the activations.
            const QRectF at = placeOf(box, heightOf(box.level.versions));
            for (double x = std::ceil(at.left() / 6) * 6; x < at.right(); x += 6)
                painter.fillRect(QRectF(x, at.top(), std::min(3.0, at.right() - x), 1.5), theme_.text);
        }
    }
}

/// Name, bubble, ideal bubble and peak beside a stage's lane, as far as there is room.
void TimelineView::paintStageHead(QPainter& painter, const LaneRow& row, double top, double bottom) const {
    const QRect lanes = lanesArea();
    painter.save();
    QFont font = captionFont(theme_);
    const double tall = bottom - top;
    constexpr int kSmallest = 11;
    while (font.pixelSize() > kSmallest && 2 * QFontMetricsF(font).ascent() + 4 > tall)
        font.setPixelSize(font.pixelSize() - 1);
    const QFontMetricsF metrics(font);
    const double line = metrics.ascent() + 2, left = 10, right = lanes.left() - 8;
    const bool two = 2 * line <= tall + 1;
    if (line > tall + 4) {
        painter.restore();
        return;
    }
    painter.setFont(font);
    const QString name = rankName(row.rank, store_.workers());
    const BubbleShares::Stage* own = static_cast<std::size_t>(row.rank) < bubbles_.ranks.size()
                                         ? &bubbles_.ranks[static_cast<std::size_t>(row.rank)]
                                         : nullptr;
    const double first = std::clamp(two ? (top + bottom) / 2 - line : (top + bottom - line) / 2, 0.0,
                                    std::max(0.0, lanes.height() - (two ? 2 : 1) * line));
    const auto write = [&](double x, double until, double y, const QString& text, const QColor& colour,
                           Qt::Alignment side) {
        painter.setPen(colour);
        painter.drawText(QRectF(x, y - 3, until - x, line + 6), side | Qt::AlignVCenter, text);
    };
    write(left, right, first, name, theme_.text, Qt::AlignLeft);
    const QString peak = peakText(stages_.memoryOf(row.rank));
    if (two && metrics.horizontalAdvance(name + peak) + 12 < right - left)
        write(left, right, first, peak, theme_.mutedText, Qt::AlignRight);
    if (own) {
        const double side = metrics.ascent() - 2, y = two ? first + line : first;
        const QString measured = bubbleText(own->measured);
        double x = two ? left + side + 4 : right - metrics.horizontalAdvance(measured);
        const QRectF swatch(x - side - 4, y + (line - side) / 2, side, side);
        painter.fillRect(swatch, theme_.wait);
        paintHatch(painter, swatch, theme_.waitHatch, 4);
        painter.setPen(theme_.waitHatch);
        painter.drawRect(swatch);
        write(x, right, y, measured, theme_.text, Qt::AlignLeft);
        if (two && own->ideal)
            write(left, right, y, tr("ideal %1").arg(bubbleText(*own->ideal)), theme_.mutedText,
                  Qt::AlignRight);
    }
    painter.restore();
}

QString TimelineView::stageTipAt(QPoint point) const {
    const QRect lanes = lanesArea();
    if (point.y() < lanes.top() || point.y() > lanes.bottom()) return {};
    const int index = rowUnder(point.y());
    if (index < 0 || static_cast<std::size_t>(index) >= store_.lanes().size()) return {};
    const LaneRow& row = layout_.rows[static_cast<std::size_t>(index)];
    if (!stages_.isStage(row.rank)) return {};
    if (point.x() < lanes.left()) {
        QString words = rankName(row.rank, store_.workers()) + QStringLiteral(": ") +
                        stageSummary(stages_, bubbles_, row.rank);
        if (stages_.ideal()) words += QLatin1Char('\n') + idealWords(stages_);
        return words;
    }
    const RowPart part = layout_.partAt(index, point.y() - lanes.top() + scroll_->value());
    if (part == RowPart::Lane || point.x() > lanes.right()) return {};
    const double seconds = window_.secondsAt(point.x() - lanes.left() + 0.5, lanes.width());
    const SpanLane& lane = store_.lanes()[static_cast<std::size_t>(index)];
    const QString worker = rankName(row.rank, store_.workers());
    if (part == RowPart::Memory) {
        const auto seen = lane.visible(nsOf(seconds), nsOf(seconds) + 1);
        // In a gap what the span before it left.
        const auto before =
            std::partition_point(lane.spans().begin(), lane.spans().end(),
                                 [&](const LaneSpan& span) { return span.begin <= nsOf(seconds); });
        if (before == lane.spans().begin()) return {};
        const auto place = static_cast<std::size_t>(before - lane.spans().begin()) - 1;
        const StageMemory& memory = stages_.memoryOf(row.rank);
        StageLevel level;
        memory.each(lane, place, place + 1,
                    [&](const LaneSpan&, const StageLevel& during, const StageLevel& after) {
                        level = seen.empty() ? after : during;
                    });
        QString words = tr("%1 keeps the activations of %2 here, of %3 at most")
                            .arg(worker, activationsWords(memory.share(level)),
                                 numberText(memory.share(memory.peak()), memory.chunks() > 1 ? 0.1 : 1));
        if (memory.hasVersions())
            words += tr("\nVersions of its weights (dashed): %1, at most %2")
                         .arg(level.versions)
                         .arg(memory.peak().versions);
        return words;
    }
    const IdealSchedule* ideal = stages_.ideal();
    if (!ideal) return {};
    for (const StageStep& step :
         stages_.ledgerOf(row.rank).between(nsOf(window_.begin), nsOf(window_.end) + 1)) {
        const auto begin = stages_.beginOf(step.step, row.rank);
        if (!begin) continue;
        const std::int64_t at = nsOf(seconds) - *begin;
        const IdealSchedule::Step& whole = ideal->step(step.step);
        const IdealSchedule::Stage& own = whole.stages[static_cast<std::size_t>(stages_.stageOf(row.rank))];
        if (at < own.step.begin || at >= own.step.end) continue;
        const auto span = std::find_if(own.spans.begin(), own.spans.end(),
                                       [&](const LaneSpan& one) { return one.begin <= at && at < one.end; });
        QString words = tr("Ideal, step %1, %2: ").arg(step.step).arg(worker.toLower());
        words += span != own.spans.end() ? tr("%1, %2").arg(passName(*span), durationText(span->seconds()))
                                         : tr("nothing to do");
        words += tr("\nIdeal bubble of this stage %1").arg(bubbleText(own.step.bubble()));
        return words + QLatin1Char('\n') + idealWords(stages_);
    }
    return {};
}

/// A gap that no wait is told of: in threads, what lies between two spans.
QString TimelineView::idleTip(const SpanLane& lane, double seconds) const {
    if (lane.lane() != Lane::Compute || !stages_.isStage(lane.rank())) return {};
    const std::int64_t at = nsOf(seconds);
    const auto steps = stages_.ledgerOf(lane.rank()).between(at, at + 1);
    if (steps.empty()) return {};
    const auto spans = lane.spans();
    const auto next = std::partition_point(spans.begin(), spans.end(),
                                           [at](const LaneSpan& span) { return span.begin <= at; });
    if (next == spans.begin() || next == spans.end()) return {};
    return tr("%1 is idle for %2 before %3\nStep %4")
        .arg(rankName(lane.rank(), store_.workers()),
             durationText(static_cast<double>(next->begin - std::prev(next)->end) * 1e-9), passName(*next))
        .arg(steps.front().step);
}

}  // namespace rondo::ui
