#include "ui/widgets/schedule_view.h"

#include <QFontMetricsF>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/schedule_painter.h"
#include "ui/draw/schedule_words.h"

namespace rondo::ui {

ScheduleView::ScheduleView(QWidget* parent) : QAbstractScrollArea(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    viewport()->setMouseTracking(true);
    setAccessibleName(tr("Race of schedules"));
}

void ScheduleView::setTheme(const Theme& theme) {
    theme_ = theme;
    updateGeometry();
    look();
}

void ScheduleView::setRacers(std::vector<Racer> racers) {
    racers_ = std::move(racers);
    places_ = placesOf(racers_);
    end_ = mostHeld_ = mostHeldInAll_ = 0;
    racing_ = chunks_ = 0;
    for (const Racer& racer : racers_) {
        if (!racer.ok()) continue;
        ++racing_;
        chunks_ = std::max(chunks_, racer.track.chunks());
        end_ = std::max(end_, racer.track.end());
        mostHeldInAll_ = std::max(mostHeldInAll_, racer.track.total(racer.track.end()).peak);
        for (int stage = 0; stage < racer.track.stages(); ++stage)
            mostHeld_ = std::max(mostHeld_, racer.track.at(stage, racer.track.end()).peak);
    }
    clock_ = end_;
    showAll();
}

void ScheduleView::setNotes(QStringList notes) {
    notes_ = std::move(notes);
    viewport()->update();
}

void ScheduleView::setClock(double seconds) {
    clock_ = std::clamp(seconds, 0.0, end_);
    viewport()->update();
}

void ScheduleView::showAll() {
    window_ = {0, std::max(end_, TimeWindow::kShortest)};
    look();
}

void ScheduleView::look() {
    lanes_ = {};
    fitScrollBar();
    viewport()->update();
}

QSize ScheduleView::minimumSizeHint() const {
    return {48 * theme_.fontPixels, 8 * theme_.fontPixels};
}

double ScheduleView::axisHeight() const {
    return theme_.fontPixels + 9;
}

double ScheduleView::headHeight() const {
    return axisHeight() + 3;
}

double ScheduleView::lineHeight() const {
    return std::ceil(QFontMetricsF(captionFont(theme_)).height()) + 1;
}

bool ScheduleView::longNames() const {
    return viewport()->width() >= 60 * theme_.fontPixels;
}

double ScheduleView::barWidth() const {
    return 2.6 * theme_.fontPixels;
}

double ScheduleView::bubbleWidth() const {
    return 10 + barWidth() + 4 +
           QFontMetricsF(captionFont(theme_)).horizontalAdvance(QStringLiteral("88.8 %"));
}

double ScheduleView::heldWidth() const {
    const QFontMetricsF metrics(captionFont(theme_));
    const QString most = activationsText(mostHeld_ + (chunks_ > 1 ? 0.5 : 0));
    return 10 + barWidth() + 4 +
           std::max(metrics.horizontalAdvance(most + QLatin1Char('/') + most),
                    metrics.horizontalAdvance(tr("Activations")) - barWidth() - 4) +
           8;
}

ScheduleLayout::Sizes ScheduleView::sizes() const {
    const QFontMetricsF metrics(captionFont(theme_));
    ScheduleLayout::Sizes sizes;
    // Formulas are long: they get of a wide window what they need.
    sizes.words = std::clamp(0.24 * viewport()->width(), 17.5 * theme_.fontPixels, 27.0 * theme_.fontPixels);
    sizes.names = metrics.horizontalAdvance(longNames() ? tr("Stage %1").arg(88) : QStringLiteral("88")) + 10;
    sizes.bars = bubbleWidth() + heldWidth();
    sizes.leastBlock = 2 * lineHeight() + 4;
    sizes.leastLane = std::round(theme_.fontPixels * 0.62);
    sizes.mostLane = std::round(theme_.fontPixels * 2.4);
    sizes.gap = 7;
    return sizes;
}

ScheduleLayout ScheduleView::layout() const {
    std::vector<int> stages;
    for (const Racer& racer : racers_) stages.push_back(racer.ok() ? racer.track.stages() : 0);
    return {static_cast<double>(viewport()->width()), viewport()->height() - headHeight(), std::move(stages),
            sizes()};
}

int ScheduleView::comfortableHeight() const {
    double height = headHeight();
    for (const Racer& racer : racers_)
        height += sizes().gap + std::max(4 * lineHeight() + 4,
                                         (racer.ok() ? racer.track.stages() : 0) * (theme_.fontPixels + 4.0));
    return static_cast<int>(std::ceil(height));
}

QPointF ScheduleView::toContent(QPointF point) const {
    return {point.x(), point.y() - headHeight() + verticalScrollBar()->value()};
}

void ScheduleView::fitScrollBar() {
    const double page = viewport()->height() - headHeight();
    verticalScrollBar()->setPageStep(static_cast<int>(page));
    verticalScrollBar()->setSingleStep(static_cast<int>(lineHeight()));
    verticalScrollBar()->setRange(
        0, static_cast<int>(std::ceil(std::max(0.0, layout().contentHeight() - page))));
}

void ScheduleView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    look();
}

void ScheduleView::scrollContentsBy(int, int) {
    lanes_ = {};
    viewport()->update();
}

double ScheduleView::xOf(double seconds) const {
    const ScheduleLayout layout = this->layout();
    return layout.left() + window_.xOf(seconds, layout.right() - layout.left());
}

double ScheduleView::secondsAt(double x) const {
    const ScheduleLayout layout = this->layout();
    return window_.secondsAt(x - layout.left(), layout.right() - layout.left());
}

}  // namespace rondo::ui
