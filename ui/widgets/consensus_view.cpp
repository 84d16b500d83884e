#include "ui/widgets/consensus_view.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <QPolygonF>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"

namespace rondo::ui {

namespace {

// More marks than these would lie over each other.
constexpr std::size_t kMostMarked = 60;
constexpr double kConnected = 1 - 1e-9;  ///< second eigenvalues from here on belong to a graph in parts

QString distanceText(double distance) {
    return QString::number(distance, 'g', 3);
}

}  // namespace

ConsensusView::ConsensusView(const RunStore& store, Focus& focus, QWidget* parent)
    : QWidget(parent), store_(store), focus_(focus) {
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Distance of the workers to their mean"));
    setToolTip(tr("Root of the mean square distance of a worker's weights from the mean of all"));
    connect(&store_, &RunStore::changed, this, [this](const RunStore::Changes& changes) {
        if (changes.reset || changes.evaluations || changes.state) update();
    });
    connect(&focus_, &Focus::cursorChanged, this, [this] { update(); });
}

void ConsensusView::setTheme(const Theme& theme) {
    theme_ = theme;
    update();
}

bool ConsensusView::concerns(const RunSpec& spec) {
    return std::holds_alternative<GossipAlgorithm>(spec.algorithm);
}

QString ConsensusView::words(std::optional<double> secondEigenvalue) {
    if (!secondEigenvalue || !std::isfinite(*secondEigenvalue)) return {};
    if (*secondEigenvalue >= kConnected) return tr("a graph in parts: never agrees");
    if (*secondEigenvalue < 5e-4) return tr("λ₂ = 0: one round agrees");
    return tr("disagreement shrinks by λ₂ = %1 a round").arg(*secondEigenvalue, 0, 'f', 3);
}

std::optional<double> ConsensusView::secondEigenvalue() const {
    return store_.hasRun() ? store_.prediction().secondEigenvalue : std::nullopt;
}

PlotFrame ConsensusView::frame() const {
    const QFontMetricsF metrics(captionFont(theme_));
    QRectF outer = rect();
    outer.setTop(theme_.fontPixels + 11);
    PlotFrame frame;
    frame.area =
        PlotFrame::areaWithin(outer, theme_, metrics.horizontalAdvance(QStringLiteral("0.00e-00")) + 12);
    double low = 0, high = 0;
    for (const ConsensusMeasured& one : store_.consensus()) {
        if (!std::isfinite(one.distance) || one.distance <= 0) continue;
        low = low > 0 ? std::min(low, one.distance) : one.distance;
        high = std::max(high, one.distance);
    }
    frame.yIsPower = true;
    frame.yLow = low > 0 ? std::log10(low) : -1;
    frame.yHigh = high > 0 ? std::log10(high) : 0;
    // At least a decade, so that noise isn't blown up into a story.
    const double spare = std::max(0.1, (1 - (frame.yHigh - frame.yLow)) / 2);
    frame.yLow -= spare;
    frame.yHigh += spare;
    frame.xHigh = 1;
    if (!store_.consensus().empty()) frame.xHigh = std::max(1, store_.consensus().back().step) * 1.02;
    return frame;
}

double ConsensusView::yOf(const PlotFrame& frame, double distance) const {
    // Full agreement has no logarithm: it lies on the floor.
    return distance > 0 ? frame.yOf(std::log10(distance)) : frame.area.bottom();
}

void ConsensusView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme_.panel);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(titleFont(theme_));
    painter.setPen(theme_.text);
    const QRect top(10, 0, width() - 18, theme_.fontPixels + 11);
    const QString title = tr("Distance to consensus");
    painter.drawText(top, Qt::AlignVCenter, title);
    const double used = QFontMetricsF(painter.font()).horizontalAdvance(title) + 14;
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    painter.drawText(QRectF(top).adjusted(used, 0, 0, 0), Qt::AlignVCenter | Qt::AlignRight,
                     QFontMetricsF(painter.font())
                         .elidedText(words(secondEigenvalue()), Qt::ElideRight, top.width() - used));
    const PlotFrame frame = this->frame();
    if (store_.consensus().empty()) return paintEmpty(painter);
    if (frame.area.width() < 20 || frame.area.height() < 20) return;
    frame.paintAxes(
        painter, theme_,
        [](double step, double apart) {
            return apart < 1 && step != std::floor(step) ? QString() : countText(std::llround(step));
        },
        [](double power, double) { return distanceText(std::pow(10.0, power)); });
    paintCurve(painter, frame);
    paintCursor(painter, frame);
}

void ConsensusView::paintEmpty(QPainter& painter) const {
    painter.setFont(bodyFont(theme_));
    painter.drawText(
        rect().adjusted(10, theme_.fontPixels + 11, -10, 0), Qt::AlignCenter | Qt::TextWordWrap,
        store_.hasRun() && !concerns(store_.spec())
            ? tr("All workers have the same weights after every step.")
            : tr("How far the workers' weights are from their mean appears here, at every evaluation."));
}

void ConsensusView::paintCurve(QPainter& painter, const PlotFrame& frame) const {
    const auto& measured = store_.consensus();
    QPolygonF line;
    painter.setBrush(Qt::NoBrush);
    const auto draw = [&] {
        painter.setPen(QPen(theme_.forward, theme_.lineWidth + 0.5));
        if (line.size() > 1) painter.drawPolyline(line);
        line.clear();
    };
    const ConsensusMeasured* lost = nullptr;
    for (const ConsensusMeasured& one : measured) {
        if (std::isfinite(one.distance)) {
            line << QPointF(frame.xOf(one.step), yOf(frame, one.distance));
            continue;
        }
        draw();  // a gap, with a flag at the first
        if (!lost) lost = &one;
    }
    draw();
    const double side = theme_.fontPixels * 0.42;
    const std::size_t every = measured.size() / kMostMarked + 1;
    painter.setPen(QPen(theme_.forward, 1.2));
    painter.setBrush(theme_.panel);
    for (std::size_t i = 0; i < measured.size(); i += every) {
        if (!std::isfinite(measured[i].distance)) continue;
        painter.drawEllipse(QPointF(frame.xOf(measured[i].step), yOf(frame, measured[i].distance)), side / 2,
                            side / 2);
    }
    if (!lost) return;
    const double x = frame.xOf(lost->step);
    painter.setPen(QPen(theme_.fault, theme_.lineWidth, Qt::DashLine));
    painter.drawLine(QPointF(x, frame.area.top()), QPointF(x, frame.area.bottom()));
    painter.setFont(captionFont(theme_));
    const QString text = tr("⚑ no number at step %1").arg(lost->step);
    const double wide = QFontMetricsF(painter.font()).horizontalAdvance(text);
    painter.drawText(QPointF(std::max(frame.area.left(), std::min(x + 4, frame.area.right() - wide)),
                             frame.area.top() + theme_.fontPixels),
                     text);
}

void ConsensusView::paintCursor(QPainter& painter, const PlotFrame& frame) const {
    if (!focus_.cursor()) return;
    const auto& measured = store_.consensus();
    const auto after = std::partition_point(
        measured.begin(), measured.end(),
        [&](const ConsensusMeasured& one) { return secondsOf(one.stamp.at) <= *focus_.cursor(); });
    if (after == measured.begin()) return;  // nothing had been measured by then
    const ConsensusMeasured& one = *std::prev(after);
    const double x = std::round(frame.xOf(one.step));
    painter.fillRect(QRectF(x, frame.area.top(), 1, frame.area.height()), theme_.accent);
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    const QString text = tr("step %1: %2").arg(one.step).arg(distanceText(one.distance));
    const double wide = metrics.horizontalAdvance(text) + 10;
    const double left =
        std::clamp(x + 4, frame.area.left(), std::max(frame.area.left(), frame.area.right() - wide));
    const QRectF plate(left, frame.area.top(), wide, metrics.height() + 2);
    painter.fillRect(plate, theme_.raised);
    painter.setPen(theme_.text);
    painter.drawText(plate, Qt::AlignCenter, text);
}

void ConsensusView::mouseMoveEvent(QMouseEvent* event) {
    const PlotFrame frame = this->frame();
    const auto& measured = store_.consensus();
    if (measured.empty() || !frame.area.contains(event->position())) return focus_.setCursor({});
    const double step = frame.xAt(event->position().x());
    const auto nearest = std::min_element(
        measured.begin(), measured.end(),
        [step](const auto& a, const auto& b) { return std::abs(a.step - step) < std::abs(b.step - step); });
    focus_.setCursor(secondsOf(nearest->stamp.at));
}

void ConsensusView::leaveEvent(QEvent*) {
    focus_.setCursor({});
}

}  // namespace rondo::ui
