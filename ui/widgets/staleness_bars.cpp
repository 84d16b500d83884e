#include "ui/widgets/staleness_bars.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"

namespace rondo::ui {

namespace {

/// What a few bars would be blown up to otherwise.
constexpr double kMostBar = 7;  // font heights

QString shareText(double share) {
    if (share > 0 && share < 0.001) return QStringLiteral("< 0.1 %");
    return QString::number(share * 100, 'f', share < 0.0995 ? 1 : 0) + QStringLiteral(" %");
}

}  // namespace

StalenessBars::StalenessBars(QWidget* parent) : QWidget(parent) {
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Histogram of staleness"));
}

void StalenessBars::setTheme(const Theme& theme) {
    theme_ = theme;
    updateGeometry();
    update();
}

void StalenessBars::set(Staleness staleness, std::optional<StalenessTheory> theory) {
    staleness_ = std::move(staleness);
    theory_ = std::move(theory);
    update();
}

double StalenessBars::shareOf(qint64 updates) const {
    const quint64 all = staleness_.gradients();
    if (all == 0 || updates < 0 || updates > staleness_.most()) return 0;
    return static_cast<double>(staleness_.counts[static_cast<std::size_t>(updates)]) /
           static_cast<double>(all);
}

PlotFrame StalenessBars::frame() const {
    const QFontMetricsF metrics(captionFont(theme_));
    PlotFrame frame;
    QRectF outer = QRectF(rect()).adjusted(4, metrics.height() + 8, -10, -metrics.height());
    frame.area =
        PlotFrame::areaWithin(outer, theme_, metrics.horizontalAdvance(QStringLiteral("100 %")) + 14);
    qint64 most = staleness_.most();
    // Theory is drawn where it is, unless the bars would have to shrink to nothing for it.
    if (theory_ && theory_->updates <= 4 * most + 8) most = std::max(most, theory_->updates);
    frame.xLow = -0.5;
    frame.xHigh = static_cast<double>(most) + 0.5;
    const double widest = (frame.xHigh - frame.xLow) * kMostBar * theme_.fontPixels;
    if (frame.area.width() > widest) frame.area.setWidth(widest);
    double highest = 0;
    for (qint64 i = 0; i <= staleness_.most(); ++i) highest = std::max(highest, shareOf(i));
    frame.yHigh = std::max(highest * 1.15, 1e-3);
    return frame;
}

void StalenessBars::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme_.panel);
    if (staleness_.gradients() == 0) return;
    const PlotFrame frame = this->frame();
    if (frame.area.width() < 20 || frame.area.height() < 20) return;
    frame.paintAxes(
        painter, theme_,
        [](double updates, double) {
            return updates != std::floor(updates) ? QString() : countText(std::llround(updates));
        },
        [](double share, double) { return share == 0 ? QStringLiteral("0 %") : shareText(share); });
    const QFontMetricsF metrics(captionFont(theme_));
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    painter.drawText(QRectF(frame.area.left() - 4, frame.area.bottom() + metrics.height() + 3, width(),
                            metrics.height() + 2),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     tr("updates between the parameters and their gradient"));

    const double place = frame.area.width() / (frame.xHigh - frame.xLow);
    const double gap = place > 12 ? place * 0.12 : place > 3 ? 0.5 : 0;
    const auto barOf = [&](qint64 updates) {
        const double left = frame.xOf(static_cast<double>(updates) - 0.5) + gap;
        // A few of many are still seen.
        const double top = std::min(frame.yOf(shareOf(updates)), frame.area.bottom() - 2);
        return QRectF(left, top, std::max(1.0, place - 2 * gap), frame.area.bottom() - top);
    };
    for (qint64 updates = 0; updates <= staleness_.most(); ++updates)
        if (shareOf(updates) > 0) painter.fillRect(barOf(updates), theme_.forward);
    const auto mark = [&](double updates, const QString& words, Qt::PenStyle style, const QColor& colour,
                          bool toTheLeft) {
        const double x = std::round(frame.xOf(updates)) + 0.5;
        if (x > frame.area.right() + 1) return;
        painter.setPen(QPen(colour, theme_.lineWidth, style));
        const double top = frame.area.top() - metrics.height() - 4;
        painter.drawLine(QPointF(x, top), QPointF(x, frame.area.bottom()));
        const double w = metrics.horizontalAdvance(words);
        double left = toTheLeft ? x - w - 5 : x + 5;
        if (left < 2) left = x + 5;
        left = std::min(left, width() - w - 2);
        painter.setPen(theme_.text);
        painter.drawText(QRectF(left, top, w + 2, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter, words);
    };
    if (theory_) {
        const bool left = staleness_.mean && *staleness_.mean > static_cast<double>(theory_->updates);
        mark(static_cast<double>(theory_->updates),
             theory_->bound ? tr("theory: at most %1").arg(theory_->updates)
                            : tr("theory: %1").arg(theory_->updates),
             Qt::DashLine, theme_.text, left);
        if (staleness_.mean)
            mark(*staleness_.mean, tr("mean %1").arg(numberText(*staleness_.mean, 0.01)), Qt::SolidLine,
                 theme_.backwardInput, !left);
    }
    if (place < metrics.horizontalAdvance(QStringLiteral("< 0.1 %")) + 4) return;
    painter.setPen(theme_.text);
    for (qint64 updates = 0; updates <= staleness_.most(); ++updates) {
        const QString text = shareText(shareOf(updates));
        if (shareOf(updates) <= 0) continue;
        QRectF plate(0, 0, metrics.horizontalAdvance(text) + 6, metrics.height());
        plate.moveCenter(
            QPointF(barOf(updates).center().x(), barOf(updates).top() - metrics.height() / 2 - 2));
        painter.fillRect(plate, theme_.panel);  // a mark may go through
        painter.drawText(plate, Qt::AlignCenter, text);
    }
}

bool StalenessBars::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const PlotFrame frame = this->frame();
    const auto updates = static_cast<qint64>(std::llround(frame.xAt(help->pos().x())));
    const bool there = staleness_.gradients() > 0 && frame.area.contains(help->pos()) && updates >= 0 &&
                       updates <= staleness_.most();
    QToolTip::showText(
        help->globalPos(),
        there ? tr("%1 gradients were %2 updates old (%3)")
                    .arg(countText(static_cast<qint64>(staleness_.counts[static_cast<std::size_t>(updates)])))
                    .arg(updates)
                    .arg(shareText(shareOf(updates)))
              : QString(),
        this);
    return true;
}

}  // namespace rondo::ui
