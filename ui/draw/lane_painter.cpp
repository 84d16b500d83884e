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
}

void LanePainter::prepareFont(double rowHeight) {
    const int pixels = std::min(theme_.fontPixels - 2, static_cast<int>(rowHeight) - 2);
    if (pixels < 8) {
        fontHeight_ = 0;
        return;
    }
    if (fontHeight_ > 0 && font_.pixelSize() == pixels) return;
    font_ = captionFont(theme_);
    font_.setPixelSize(pixels);
    const QFontMetricsF metrics(font_);
    fontHeight_ = metrics.height();
    digit_ = metrics.horizontalAdvance(QLatin1Char('8'));
    for (int phase = 0; phase < kPhases; ++phase) {
        for (const bool fused : {false, true}) {
            Label& label = labels_[static_cast<std::size_t>(phase)][fused ? 1 : 0];
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
    painter.setFont(font_);
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
    painter.setFont(font_);
    const auto xOf = [&](std::int64_t ns) {
        return std::round(row.left() +
                          std::clamp(window.xOf(static_cast<double>(ns) * 1e-9, row.width()), 0.0, row.width()));
    };
    const double left = xOf(span.begin), right = xOf(span.end);
    if (right > left) paintSpan(painter, span, QRectF(left, row.top(), right - left, row.height()), row);
}

void LanePainter::paintSpan(QPainter& painter, const LaneSpan& span, const QRectF& at, const QRectF& row) {
    if (span.phase == Phase::Wait && at.width() >= 3) {
        painter.drawTiledPixmap(at, hatch_, QPointF(std::fmod(at.left(), 8), 0));
        painter.setPen(QPen(theme_.waitHatch, 1));
        painter.drawRect(at.adjusted(0.5, 0.5, -0.5, -0.5));
    } else {
        paintPhaseGround(painter, at, span.phase, theme_);
    }
    paintLabel(painter, span, at, row);
}

void LanePainter::paintMerged(QPainter& painter, const SpanBox& box, const QRectF& at) {
    const QPixmap& tile = zigzag(box.phase, static_cast<int>(at.height()));
    painter.drawTiledPixmap(at, tile, QPointF(std::fmod(at.left(), 8), 0));
    if (fontHeight_ == 0 || at.width() < 4 * digit_) return;
    const QString count = QChar(0x00d7) + countText(box.count);
    const double width = static_cast<double>(count.size()) * digit_ + 6;
    if (width > at.width() - 4) return;
    const QRectF plate(std::round(at.center().x() - width / 2), at.top() + 1, std::round(width),
                       at.height() - 2);
    painter.fillRect(plate, theme_.panel);
    painter.setPen(theme_.text);
    painter.drawText(plate, Qt::AlignCenter, count);
}

void LanePainter::paintLabel(QPainter& painter, const LaneSpan& span, const QRectF& at,
                             const QRectF& visible) {
    if (fontHeight_ == 0 || at.width() < digit_ + 4) return;
    const Label& label = labels_[static_cast<std::size_t>(span.phase)][span.fused ? 1 : 0];
    // A box that is cut by the edge is named in the part that is seen.
    const QRectF seen = at.intersected(visible);
    const double room = seen.width() - 6;
    QString text;
    if (label.width <= room) {
        text = label.text;
        const QString more = span.bucket != kNone ? QStringLiteral(" bucket %1").arg(span.bucket)
                             : span.step != kNone ? QStringLiteral(" %1").arg(span.step)
                                                  : QString();
        if (label.width + static_cast<double>(more.size()) * digit_ <= room) text += more;
    } else if (label.initialWidth <= room && span.phase != Phase::Wait) {
        text = label.initial;
    } else {
        return;
    }
    const QColor ground = theme_.colourOf(span.phase);
    if (span.phase == Phase::Wait) {
        const double width = std::min(seen.width() - 2, static_cast<double>(text.size()) * digit_ + 4);
        const QRectF plate(seen.center().x() - width / 2, seen.top() + 2, width, seen.height() - 4);
        painter.fillRect(plate, ground);
    }
    painter.setPen(Theme::inkOn(ground));
    painter.drawText(seen, Qt::AlignCenter, text);
}

}  // namespace rondo::ui
