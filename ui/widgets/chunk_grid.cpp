#include "ui/widgets/chunk_grid.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <bit>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/chunk_words.h"
#include "ui/draw/focus_frame.h"
#include "ui/draw/rank_words.h"

namespace rondo::ui {

namespace {

constexpr double kMargin = 10;
constexpr double kLeastFont = 8;
constexpr double kLeastPlace = 2;  // of one rank in a cell; narrower ones can't be told apart

}  // namespace

ChunkGrid::ChunkGrid(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
    setAccessibleName(tr("Chunks of each worker"));
}

void ChunkGrid::setTheme(const Theme& theme) {
    theme_ = theme;
    updateGeometry();
    update();
}

void ChunkGrid::setHistory(ChunkHistory history, int groupSize) {
    history_ = std::move(history);
    groupSize_ = groupSize;
    why_.clear();
    done_ = 0;
    update();
}

void ChunkGrid::setNothing(const QString& why) {
    history_.reset();
    why_ = why;
    done_ = 0;
    update();
}

void ChunkGrid::setDone(std::size_t done) {
    done_ = history_ ? std::min(done, history_->rounds.size()) : 0;
    update();
}

QSize ChunkGrid::minimumSizeHint() const {
    return {24 * theme_.fontPixels, 9 * theme_.fontPixels};
}

double ChunkGrid::headHeight() const {
    return theme_.fontPixels + 5;
}

double ChunkGrid::rowPitch() const {
    return std::max(1.0, (height() - headHeight() - 8) / (history_ ? history_->ranks : 1));
}

QFont ChunkGrid::cellFont() const {
    QFont font = captionFont(theme_);
    font.setPixelSize(
        static_cast<int>(std::clamp(rowPitch() - 5, 1.0, static_cast<double>(font.pixelSize()))));
    return font;
}

/// Where names would be too small to read, numbers are larger: they need no room for descenders.
bool ChunkGrid::shortNames() const {
    return cellFont().pixelSize() < std::max(kLeastFont, 0.65 * captionFont(theme_).pixelSize());
}

QFont ChunkGrid::nameFont() const {
    if (!shortNames()) return cellFont();
    QFont font = captionFont(theme_);
    font.setPixelSize(std::max(1, std::min(font.pixelSize(), static_cast<int>(rowPitch() * 1.15))));
    return font;
}

QString ChunkGrid::nameOf(int rank) const {
    return shortNames() ? QString::number(rank) : rankName(rank, 0);
}

QString ChunkGrid::endOf(int rank) const {
    return shortNames() ? QString() : doneWords(*history_, rank, done_);
}

double ChunkGrid::nameWidth() const {
    return QFontMetricsF(nameFont()).horizontalAdvance(nameOf(history_->ranks - 1)) + 10;
}

double ChunkGrid::endWidth() const {
    if (shortNames()) return 0;
    const auto words = history_->chunks() == 1 ? tr("not done") : tr("%1 of %1 done").arg(history_->chunks());
    return QFontMetricsF(nameFont()).horizontalAdvance(words) + 4;
}

ChunkLayout ChunkGrid::layout() const {
    const QRectF area =
        QRectF(rect()).adjusted(kMargin + nameWidth(), headHeight(), -endWidth() - kMargin, -4);
    const double channel =
        std::min(10 + theme_.fontPixels * 0.6, 4 + 0.25 * area.width() / std::max(1, history_->chunks()));
    return {area, history_->ranks, history_->chunks(), groupSize_, channel, theme_.fontPixels * 2.4};
}

void ChunkGrid::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme_.panel);
    if (!history_) {
        painter.setFont(bodyFont(theme_));
        painter.setPen(theme_.mutedText);
        const int side = std::max(10, (width() - 46 * theme_.fontPixels) / 2);
        painter.drawText(rect().adjusted(side, 4, -side, -4), Qt::AlignCenter | Qt::TextWordWrap, why_);
    } else {
        const ChunkLayout layout = this->layout();
        const QFont font = cellFont();
        paintNames(painter, layout);
        const auto& rows = history_->rowsAfter(done_);
        for (int rank = 0; rank < history_->ranks; ++rank)
            for (int chunk = 0; chunk < history_->chunks(); ++chunk)
                paintCell(painter, layout.cell(rank, chunk),
                          rows[static_cast<std::size_t>(rank)][static_cast<std::size_t>(chunk)], font);
        if (done_ > 0) paintMessages(painter, layout);
    }
    if (hasFocus()) paintFocusFrame(painter, rect(), theme_);
}

void ChunkGrid::paintNames(QPainter& painter, const ChunkLayout& layout) const {
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    painter.setPen(theme_.mutedText);
    for (int chunk = 0; chunk < history_->chunks(); ++chunk) {
        const QRectF cell = layout.cell(0, chunk);
        const QString full = history_->chunks() == 1 ? tr("The whole vector") : tr("Chunk %1").arg(chunk);
        const QString text = metrics.horizontalAdvance(full) <= cell.width() ? full : QString::number(chunk);
        painter.drawText(QRectF(cell.left(), 1, cell.width(), headHeight() - 2), Qt::AlignCenter, text);
    }
    painter.setFont(nameFont());
    for (int rank = 0; rank < history_->ranks; ++rank) {
        const QRectF cell = layout.cell(rank, 0).adjusted(0, -4, 0, 4);
        painter.setPen(theme_.text);
        painter.drawText(QRectF(kMargin, cell.top(), nameWidth() - 8, cell.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, nameOf(rank));
        painter.setPen(theme_.mutedText);
        painter.drawText(QRectF(width() - endWidth() - kMargin + 2, cell.top(), endWidth(), cell.height()),
                         Qt::AlignRight | Qt::AlignVCenter, endOf(rank));
    }
}

void ChunkGrid::paintDone(QPainter& painter, const QRectF& cell, const QFont& font) const {
    painter.fillRect(cell, theme_.good);
    const QColor ink = Theme::inkOn(theme_.good);
    const double size = std::min(cell.height() - 4, theme_.fontPixels * 0.9);
    const QString count = QString::number(history_->ranks);
    const double text = font.pixelSize() >= kLeastFont ? QFontMetricsF(font).horizontalAdvance(count) + 4 : 0;
    const bool both = cell.width() >= size + text + 6;
    const double left = cell.center().x() - (size + (both ? text : 0)) / 2;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(ink, std::max(1.5, size / 6), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    QPainterPath tick;
    tick.moveTo(left + size * 0.12, cell.center().y() + size * 0.02);
    tick.lineTo(left + size * 0.4, cell.center().y() + size * 0.3);
    tick.lineTo(left + size * 0.88, cell.center().y() - size * 0.32);
    painter.drawPath(tick);
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (!both || text == 0) return;
    painter.setFont(font);
    painter.drawText(QRectF(left + size, cell.top() - 4, text, cell.height() + 8), Qt::AlignCenter, count);
}

void ChunkGrid::paintCell(QPainter& painter, const QRectF& exact, Contributions has,
                          const QFont& font) const {
    const QRectF cell = exact.toAlignedRect();
    if (has == history_->everyone()) return paintDone(painter, cell, font);
    painter.fillRect(cell, theme_.raised);
    const QFontMetricsF metrics(font);
    const bool readable = font.pixelSize() >= kLeastFont;
    const QString count = QString::number(std::popcount(has));
    double text = metrics.horizontalAdvance(QStringLiteral("%1/%1").arg(history_->ranks)) + 6;
    QString words = QStringLiteral("%1/%2").arg(count).arg(history_->ranks);
    if (text > cell.width() / 2.5) {
        words = count;
        text = metrics.horizontalAdvance(QString::number(history_->ranks)) + 4;
    }
    if (!readable || text > cell.width() / 2) text = 0;
    if (text > 0) {
        painter.setFont(font);
        painter.setPen(theme_.text);
        painter.drawText(QRectF(cell.left(), cell.top() - 4, text, cell.height() + 8), Qt::AlignCenter,
                         words);
    }
    // A place a rank: which are filled says whose values are in the sum, and how many of them.
    const QRectF bar = cell.adjusted(text, 1, -1, -1);
    const double place = bar.width() / history_->ranks;
    if (place < kLeastPlace) {
        const double share = static_cast<double>(std::popcount(has)) / history_->ranks;
        painter.fillRect(QRectF(bar.left(), bar.top(), std::round(bar.width() * share), bar.height()),
                         theme_.forward);
        painter.setPen(QPen(theme_.border, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(cell.adjusted(0, 0, -1, -1));
        return;
    }
    const bool named = readable && place >= metrics.horizontalAdvance(QString::number(history_->ranks)) + 1;
    for (int rank = 0; rank < history_->ranks; ++rank) {
        const double left = std::round(bar.left() + rank * place);
        const double right = std::round(bar.left() + (rank + 1) * place);
        const bool in = has >> rank & 1u;
        const QRectF box(left, bar.top(), right - left - (place > 4 ? 1 : 0), bar.height());
        if (in) painter.fillRect(box, theme_.forward);
        if (!named) continue;
        painter.setFont(font);
        painter.setPen(in ? Theme::inkOn(theme_.forward) : theme_.mutedText);
        painter.drawText(box.adjusted(-2, -4, 2, 4), Qt::AlignCenter, QString::number(rank));
    }
    painter.setPen(QPen(theme_.border, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(cell.adjusted(0, 0, -1, -1));
}

void ChunkGrid::paintMessages(QPainter& painter, const ChunkLayout& layout) const {
    const auto& messages = history_->rounds[done_ - 1].messages;
    painter.setRenderHint(QPainter::Antialiasing);
    const double line = std::clamp(layout.rowHeight() / 6, 1.0, theme_.lineWidth);
    for (const ChunkMessage& message : messages) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme_.text, line + 0.5));
        const QRectF brought = layout.cells(message.to.value, message.first, message.count).toAlignedRect();
        painter.drawRect(brought.adjusted(-0.5, -0.5, -0.5, -0.5));
    }
    const double head = 3 + line * 1.5;
    for (const ChunkArrow& arrow : layout.arrows(messages)) {
        painter.setPen(QPen(theme_.text, line, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(QPolygonF{QPointF(arrow.fromX, arrow.fromY), QPointF(arrow.x, arrow.fromY),
                                       QPointF(arrow.x, arrow.toY), QPointF(arrow.fromX + head, arrow.toY)});
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme_.text);
        painter.drawPolygon(QPolygonF{QPointF(arrow.fromX, arrow.toY),
                                      QPointF(arrow.fromX + head + 1, arrow.toY - head * 0.75),
                                      QPointF(arrow.fromX + head + 1, arrow.toY + head * 0.75)});
        painter.drawEllipse(QPointF(arrow.fromX + 1, arrow.fromY), line + 0.5, line + 0.5);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

QString ChunkGrid::tipAt(QPointF point) const {
    if (!history_) return {};
    const ChunkLayout layout = this->layout();
    for (int rank = 0; rank < history_->ranks; ++rank)
        for (int chunk = 0; chunk < history_->chunks(); ++chunk) {
            if (!layout.cell(rank, chunk).contains(point)) continue;
            const auto has =
                history_->rowsAfter(done_)[static_cast<std::size_t>(rank)][static_cast<std::size_t>(chunk)];
            QStringList whose;
            for (int other = 0; other < history_->ranks; ++other)
                if (has >> other & 1u) whose << QString::number(other);
            const QString bytes =
                bytesText(static_cast<double>(history_->chunkBytes[static_cast<std::size_t>(chunk)]));
            const QString head = history_->chunks() == 1
                                     ? tr("%1, the whole vector (%2)").arg(rankName(rank, 0), bytes)
                                     : tr("%1, chunk %2 (%3)").arg(rankName(rank, 0)).arg(chunk).arg(bytes);
            return head + QLatin1Char('\n') +
                   (has == history_->everyone()
                        ? tr("Finished: the sum of all %1 workers").arg(history_->ranks)
                    : whose.size() == 1 ? tr("Its values are those of worker %1 alone").arg(whose.first())
                                        : tr("The sum of workers %1").arg(whose.join(QStringLiteral(", "))));
        }
    return {};
}

bool ChunkGrid::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tipAt(help->pos()), this);
    return true;
}

}  // namespace rondo::ui
