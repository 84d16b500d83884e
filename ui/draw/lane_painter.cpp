#include "ui/draw/lane_painter.h"

#include <QFontMetricsF>
#include <QPolygonF>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/phase_mark.h"
#include "ui/draw/phase_words.h"

namespace rondo::ui {

namespace {

QColor blend(const QColor& a, const QColor& b, double share) {
    const auto mix = [share](int x, int y) { return static_cast<int>(x * (1 - share) + y * share + 0.5); };
    return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

QPixmap emptyTile(int width, int height, double ratio, const QColor& ground) {
    QPixmap tile(static_cast<int>(std::ceil(width * ratio)), static_cast<int>(std::ceil(height * ratio)));
    tile.setDevicePixelRatio(ratio);
    tile.fill(ground);
    return tile;
}

}  // namespace

LanePainter::LanePainter(const Theme& theme, double pixelRatio) : theme_(theme), pixelRatio_(pixelRatio) {
    constexpr int side = 8;
    hatch_ = emptyTile(side, side, pixelRatio, theme.wait);
    QPainter painter(&hatch_);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.waitHatch, 1));
    for (int shift = -side; shift <= side; shift += side) painter.drawLine(shift, side, shift + side, 0);
    for (std::size_t phase = 0; phase < kPhases; ++phase) {
        const QColor colour = theme.colourOf(static_cast<Phase>(phase));
        inks_[phase] = Theme::inkOn(colour);
        ghosts_[phase] = blend(colour, theme.panel, 0.7);
        ghostOutlines_[phase] = blend(colour, theme.text, 0.25);
    }
}

void LanePainter::drawText(QPainter& painter, const QRectF& centredIn, const QString& text) {
    // Numbers of micro-batches come again and again; those of steps don't.
    constexpr int kMostTexts = 4096;
    auto known = type_->texts.find(text);
    if (known == type_->texts.end()) {
        if (type_->texts.size() >= kMostTexts) type_->texts.clear();
        known = type_->texts.insert(text, QStaticText(text));
        known->setTextFormat(Qt::PlainText);
        known->setPerformanceHint(QStaticText::AggressiveCaching);
        known->prepare({}, type_->font);
    }
    const QSizeF size = known->size();
    painter.drawStaticText(QPointF(std::round(centredIn.center().x() - size.width() / 2),
                                   std::round(centredIn.center().y() - size.height() / 2)),
                           *known);
}

void LanePainter::prepareFont(double rowHeight) {
    const int pixels = std::min(theme_.fontPixels - 2, static_cast<int>(rowHeight) - 2);
    type_ = nullptr;
    if (pixels < 8) return;
    const auto [place, fresh] = types_.try_emplace(pixels);
    type_ = &place->second;
    if (!fresh) return;
    type_->font = captionFont(theme_);
    type_->font.setPixelSize(pixels);
    const QFontMetricsF metrics(type_->font);
    type_->digit = metrics.horizontalAdvance(QLatin1Char('8'));
    for (int phase = 0; phase < kPhases; ++phase) {
        for (const bool fused : {false, true}) {
            Label& label = type_->labels[static_cast<std::size_t>(phase)][fused ? 1 : 0];
            label.text = phaseName(static_cast<Phase>(phase), fused);
            label.initial = phaseInitial(static_cast<Phase>(phase), fused);
            label.width = metrics.horizontalAdvance(label.text);
            label.initialWidth = metrics.horizontalAdvance(label.initial);
        }
    }
}

const QPixmap& LanePainter::zigzag(Phase phase, int height) {
    QPixmap& tile = zigzags_[static_cast<int>(phase) * 256 + std::min(height, 255)];
    if (!tile.isNull()) return tile;
    constexpr int width = 8;
    const QColor colour = theme_.colourOf(phase);
    const QColor ground = blend(colour, theme_.panel, phase == Phase::Wait ? 0.0 : 0.45);
    tile = emptyTile(width, height, pixelRatio_, ground);
    QPainter painter(&tile);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor line = Theme::inkOn(ground);
    line.setAlpha(150);
    painter.setPen(QPen(line, 1));
    const double middle = height / 2.0, swing = std::min(4.0, height / 4.0);
    painter.drawPolyline(QPolygonF({{-4.0, middle - swing},
                                    {0.0, middle + swing},
                                    {4.0, middle - swing},
                                    {8.0, middle + swing},
                                    {12.0, middle - swing}}));
    return tile;
}

void LanePainter::paint(QPainter& painter, const SpanLane& lane, const TimeWindow& window,
                        const QRectF& row) {
    prepareFont(row.height());
    const auto from = static_cast<std::int64_t>(window.begin * 1e9),
               to = static_cast<std::int64_t>(window.end * 1e9) + 1;
    const auto spans = lane.visible(from, to);
    spanBoxes(spans, window, row.width(), boxes_);
    if (type_) painter.setFont(type_->font);
    for (const SpanBox& box : boxes_) {
        // Whole pixels, so that neighbours meet without a seam and outlines stay sharp.
        const double left = std::round(row.left() + box.left), right = std::round(row.left() + box.right);
        const QRectF at(left, row.top(), std::max(1.0, right - left), row.height());
        if (box.merged()) {
            paintMerged(painter, box, at);
            continue;
        }
        paintSpan(painter, spans[static_cast<std::size_t>(box.first)], at, row);
    }
}

void LanePainter::paintUnderWay(QPainter& painter, const LaneSpan& span, const TimeWindow& window,
                                const QRectF& row) {
    prepareFont(row.height());
    if (type_) painter.setFont(type_->font);
    const auto xOf = [&](std::int64_t ns) {
        return std::round(row.left() + std::clamp(window.xOf(static_cast<double>(ns) * 1e-9, row.width()),
                                                  0.0, row.width()));
    };
    const double left = xOf(span.begin), right = xOf(span.end);
    if (right > left) paintSpan(painter, span, QRectF(left, row.top(), right - left, row.height()), row);
}

void LanePainter::paintSpan(QPainter& painter, const LaneSpan& span, const QRectF& at, const QRectF& row) {
    if (span.phase == Phase::Wait && at.width() >= 3) {
        painter.drawTiledPixmap(at, hatch_, QPointF(std::fmod(at.left(), 8), 0));
        paintOutline(painter, at, theme_.waitHatch);
    } else {
        paintPhaseGround(painter, at, span.phase, theme_);
        if (span.fused && span.microBatch != kNone) paintBothHalves(painter, at, theme_);
        if (span.chunk > 0) paintDogEar(painter, at, inks_[static_cast<std::size_t>(span.phase)]);
    }
    paintLabel(painter, span, at, row);
}

void LanePainter::paintGhost(QPainter& painter, std::span<const LaneSpan> spans, const TimeWindow& window,
                             const QRectF& row) {
    spanBoxes(spans, window, row.width(), boxes_, 4);
    for (const SpanBox& box : boxes_) {
        const double left = std::round(row.left() + box.left), right = std::round(row.left() + box.right);
        const QRectF at(left, row.top(), std::max(1.0, right - left), row.height());
        const auto phase = static_cast<std::size_t>(box.phase);
        painter.fillRect(at, ghosts_[phase]);
        if (box.merged() || at.width() < 4) continue;
        const LaneSpan& span = spans[static_cast<std::size_t>(box.first)];
        if (span.fused && at.height() >= 6)
            painter.fillRect(QRectF(at.left() + 1, at.bottom() - 3, at.width() - 2, 2),
                             ghosts_[static_cast<std::size_t>(Phase::BackwardWeight)]);
        paintOutline(painter, at, ghostOutlines_[phase]);
        // Dashes for what is computed again, as in the lane.
        if (span.phase == Phase::Recompute)
            for (double x = at.left() + 2; x < at.right() - 2; x += 4)
                painter.fillRect(QRectF(x, at.top() + 2, 2, 1), ghostOutlines_[phase]);
    }
}

void LanePainter::paintIdle(QPainter& painter, const QRectF& at) {
    painter.drawTiledPixmap(at, hatch_, QPointF(std::fmod(at.left(), 8), 0));
}

void LanePainter::paintMerged(QPainter& painter, const SpanBox& box, const QRectF& at) {
    const QPixmap& tile = zigzag(box.phase, static_cast<int>(at.height()));
    painter.drawTiledPixmap(at, tile, QPointF(std::fmod(at.left(), 8), 0));
    if (!type_ || at.width() < 4 * type_->digit) return;
    const QString count = QChar(0x00d7) + countText(box.count);
    const double width = static_cast<double>(count.size()) * type_->digit + 6;
    if (width > at.width() - 4) return;
    const QRectF plate(std::round(at.center().x() - width / 2), at.top() + 1, std::round(width),
                       at.height() - 2);
    painter.fillRect(plate, theme_.panel);
    painter.setPen(theme_.text);
    drawText(painter, plate, count);
}

/// The number comes first: who does what is told by colour and mark too.
QString LanePainter::microBatchLabel(const LaneSpan& span, const Label& label, double room) const {
    QString number = QString::number(span.microBatch);
    if (span.chunk != kNone) {
        const QString full = number + QLatin1Char('.') + QString::number(span.chunk);
        if (static_cast<double>(full.size()) * type_->digit <= room) number = full;
    }
    const double width = static_cast<double>(number.size()) * type_->digit;
    if (label.width + type_->digit + width + 4 <= room) return label.text + QLatin1Char(' ') + number;
    // As schedules are written: F0, B0, W0.
    const QChar letter = span.phase == Phase::BackwardWeight ? QLatin1Char('W') : label.text.at(0);
    if (1.2 * type_->digit + width + 2 <= room) return letter + number;
    return width <= room ? number : QString();
}

void LanePainter::paintLabel(QPainter& painter, const LaneSpan& span, const QRectF& at,
                             const QRectF& visible) {
    if (!type_ || at.width() < type_->digit + 4) return;
    const Label& label = type_->labels[static_cast<std::size_t>(span.phase)][span.fused ? 1 : 0];
    // A box that is cut by the edge is named in the part that is seen.
    const QRectF seen = at.intersected(visible);
    const double room = seen.width() - 6;
    QString text;
    if (span.microBatch != kNone && span.phase != Phase::Wait) {
        text = microBatchLabel(span, label, seen.width() - 2);
        if (text.isEmpty()) return;
    } else if (label.width <= room) {
        text = label.text;
        // A wait of a stage stands within its step, for a micro-batch that is not there yet.
        const QString more = span.microBatch != kNone ? QString()
                             : span.bucket != kNone   ? QStringLiteral(" bucket %1").arg(span.bucket)
                             : span.step != kNone     ? QStringLiteral(" %1").arg(span.step)
                                                      : QString();
        if (label.width + static_cast<double>(more.size()) * type_->digit <= room) text += more;
    } else if (label.initialWidth <= room && span.phase != Phase::Wait) {
        text = label.initial;
    } else {
        return;
    }
    const QColor ground = theme_.colourOf(span.phase);
    if (span.phase == Phase::Wait) {
        const double width = std::min(seen.width() - 2, static_cast<double>(text.size()) * type_->digit + 4);
        const QRectF plate(seen.center().x() - width / 2, seen.top() + 2, width, seen.height() - 4);
        painter.fillRect(plate, ground);
    }
    painter.setPen(inks_[static_cast<std::size_t>(span.phase)]);
    drawText(painter, seen, text);
}

}  // namespace rondo::ui
