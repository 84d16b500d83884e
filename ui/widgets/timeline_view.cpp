#include "ui/widgets/timeline_view.h"

#include <QFontMetrics>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/draw/lane_painter.h"
#include "ui/store/lookup.h"

namespace rondo::ui {

namespace {

constexpr int kStepsFollowed = 3;
constexpr int kScrollWidth = 10;

/// The time the last steps typically take; jumps only when it is clearly off, so that a live view does not
/// breathe.
double followLengthFor(const std::vector<StepPoint>& steps, double shown) {
    std::vector<double> recent;
    const std::size_t first = steps.size() > 16 ? steps.size() - 16 : 0;
    for (std::size_t i = first; i < steps.size(); ++i) recent.push_back(secondsOfStep(steps, i));
    const auto middle = recent.begin() + static_cast<std::ptrdiff_t>(recent.size() / 2);
    std::nth_element(recent.begin(), middle, recent.end());
    const double wanted = *middle * (kStepsFollowed + 0.15);
    return shown > 0 && wanted > 0.75 * shown && wanted < 1.33 * shown ? shown : wanted;
}

}  // namespace

TimelineView::TimelineView(const RunStore& store, Focus& focus, QWidget* parent)
    : QWidget(parent),
      store_(store),
      focus_(focus),
      scroll_(new QScrollBar(Qt::Vertical, this)),
      stages_(store),
      areaSums_(store) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Timeline"));
    setAccessibleDescription(
        tr("What every worker did when. F shows everything, full stop and comma go from step to step, or "
           "from span to span after a click on one, brackets along its message. Shift and drag sums up an "
           "area."));
    scroll_->hide();
    connect(scroll_, &QScrollBar::valueChanged, this, [this] {
        lanesStale_ = true;
        update();
    });
    connect(&store_, &RunStore::changed, this, &TimelineView::onChanged);
    connect(&focus_, &Focus::cursorChanged, this, &TimelineView::onCursor);
    connect(&focus_, &Focus::selectionChanged, this, [this] { update(); });
    stages_.reset();
    layoutLanes();
    followNow();
}

TimelineView::~TimelineView() = default;

void TimelineView::setTheme(const Theme& theme) {
    theme_ = theme;
    lanePainter_.reset();
    minimapStale_ = true;
    layoutLanes();
}

void TimelineView::setInvites(bool toRun) {
    if (invites_ == toRun) return;
    invites_ = toRun;
    update();
}

// Geometry: legend, steps, axis, lanes, minimap from the top; heights follow the type.

int TimelineView::neededGutter() const {
    const QFontMetrics caption(captionFont(theme_)), title(titleFont(theme_));
    return std::max({caption.horizontalAdvance(tr("Worker 000")),
                     caption.horizontalAdvance(tr("Virtual time")), title.horizontalAdvance(tr("Timeline")),
                     stageGutter()}) +
           22;
}
QRect TimelineView::legendArea() const {
    return {0, 0, width(), theme_.fontPixels + 11};
}
QRect TimelineView::stepsArea() const {
    const QRect lanes = lanesArea();
    return {lanes.left(), legendArea().bottom() + 1, lanes.width(), theme_.fontPixels + 5};
}
QRect TimelineView::axisArea() const {
    const QRect lanes = lanesArea();
    return {lanes.left(), legendArea().bottom() + theme_.fontPixels + 6, lanes.width(),
            theme_.fontPixels + 4};
}
QRect TimelineView::lanesArea() const {
    const int gutter = this->gutter();
    const int top = 3 * theme_.fontPixels + 21, bottom = minimapArea().top() - 4;
    const int right = width() - kScrollWidth - 2;
    return {gutter, top, std::max(1, right - gutter), std::max(1, bottom - top)};
}
QRect TimelineView::minimapArea() const {
    const int gutter = this->gutter();
    if (minimapYields_) return {gutter, this->height() - 2, 0, 0};
    const int height = theme_.fontPixels + 9;
    return {gutter, this->height() - height - 4, std::max(1, width() - kScrollWidth - 2 - gutter), height};
}

double TimelineView::contentEnd() const {
    return std::max(store_.duration(), TimeWindow::kShortest);
}

void TimelineView::layoutLanes() {
    gutter_ = neededGutter();
    std::vector<LaneKey> keys;
    for (const SpanLane& lane : store_.lanes())
        keys.push_back(
            {lane.rank(), lane.lane(), lane.lane() == Lane::Compute && stages_.isStage(lane.rank())});
    minimapYields_ = false;
    const auto fit = [&] { return LaneLayout::of(keys, lanesArea().height(), theme_.fontPixels * 2); };
    layout_ = fit();
    if (layout_.contentHeight > lanesArea().height()) {
        minimapYields_ = true;
        LaneLayout roomier = fit();
        minimapYields_ = roomier.contentHeight <= lanesArea().height();
        if (minimapYields_) layout_ = std::move(roomier);
    }
    minimapStale_ = true;
    const QRect area = lanesArea();
    scroll_->setGeometry(width() - kScrollWidth, area.top(), kScrollWidth, area.height());
    scroll_->setRange(0, std::max(0, layout_.contentHeight - area.height()));
    scroll_->setPageStep(area.height());
    scroll_->setVisible(layout_.contentHeight > area.height());
    lanesStale_ = true;
    update();
}

void TimelineView::resizeEvent(QResizeEvent*) {
    minimapStale_ = true;
    layoutLanes();
}

void TimelineView::onChanged(const RunStore::Changes& changes) {
    if (changes.reset) {
        followLength_ = 0;
        minimapStale_ = true;
        minimapEnd_ = 0;
        area_.reset();
        areaSums_.reset();
        choose({});
        stages_.reset();
        layoutLanes();
        follow();
        return;
    }
    if (changes.spans || changes.steps || changes.state) {
        const bool played = stages_.ideal() != nullptr;
        stages_.follow();
        if ((stages_.ideal() != nullptr) != played || (changes.state && stages_.any())) lanesStale_ = true;
    }
    if (changes.spans) {
        if (area_ && area_->end * 1e9 > 0.98e9 * store_.duration()) sumUpArea();
        if (layout_.rows.size() != store_.lanes().size()) layoutLanes();
        // Spans come a step late: what is on screen may change while its end was near the end of what was
        // known.
        if (window_.end > minimapEnd_ || window_.end >= store_.duration() * 0.98) lanesStale_ = true;
        if (store_.duration() > minimapEnd_ * 1.01) minimapStale_ = true;
    }
    if (changes.faults) lanesStale_ = minimapStale_ = true;
    if (follow_ && (changes.spans || changes.steps)) followNow();
    if (changes.spans || changes.steps || changes.state || changes.faults) update();
}

void TimelineView::onCursor() {
    const QRect lanes = lanesArea();
    const auto strip = [&](double seconds) {
        const int x = lanes.left() + static_cast<int>(window_.xOf(seconds, lanes.width()));
        update(x - 2, stepsArea().top(), 5, lanes.bottom() - stepsArea().top());
    };
    if (shownCursor_) strip(*shownCursor_);
    shownCursor_ = focus_.cursor();
    if (shownCursor_) strip(*shownCursor_);
    update(axisArea().adjusted(-lanes.left(), 0, 0, 0));
    update(minimapArea());
}

// Following and moving.

void TimelineView::followNow() {
    const auto& steps = store_.steps();
    if (steps.empty()) {
        setWindow({0, contentEnd()});
        return;
    }
    followLength_ = std::max(followLengthFor(steps, followLength_), TimeWindow::kShortest);
    const double end = store_.reached() + followLength_ * 0.02;
    // A run of less than that begins at the left edge, and grows to the right.
    if (end < followLength_)
        setWindow({0, store_.over() ? end : followLength_});
    else
        setWindow({end - followLength_, end});
}

void TimelineView::follow() {
    const bool before = follow_;
    follow_ = true;
    followNow();
    if (!before) Q_EMIT followingChanged(true);
}

void TimelineView::setWindow(TimeWindow window) {
    if (window == window_) return;
    window_ = window;
    lanesStale_ = true;
    // What it told of is no longer under the pointer.
    if (std::exchange(tipShown_, false)) QToolTip::hideText();
    update();
}

void TimelineView::moveTo(TimeWindow window) {
    const bool before = follow_;
    follow_ = false;
    setWindow(window.within(contentEnd()));
    if (before) {
        Q_EMIT followingChanged(false);
        update();
    }
}

void TimelineView::zoomToAll() {
    moveTo({0, contentEnd()});
}

void TimelineView::showStep(int step) {
    const auto& steps = store_.steps();
    const auto index = indexOfStep(steps, step);
    if (!index) return;
    focus_.selectStep(step);
    const double begin = beginOf(steps, *index), end = steps[*index].seconds;
    const double margin = std::max((end - begin) * 0.08, TimeWindow::kShortest);
    if (end - begin > window_.length() || window_.length() > 3 * (end - begin)) {
        moveTo({begin - margin, end + margin});
    } else if (begin < window_.begin || end > window_.end) {
        const double middle = (begin + end) / 2;
        moveTo({middle - window_.length() / 2, middle + window_.length() / 2});
    }
}

void TimelineView::stepBy(int by) {
    const auto& steps = store_.steps();
    if (steps.empty()) return;
    std::optional<std::size_t> here;
    if (focus_.step()) here = indexOfStep(steps, *focus_.step());
    if (!here) {
        here = stepIndexAt(steps, (window_.begin + window_.end) / 2);
        by = 0;  // the first press marks where one is
    }
    const auto last = static_cast<std::ptrdiff_t>(steps.size()) - 1;
    const auto index = std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(*here) + by, 0, last);
    showStep(steps[static_cast<std::size_t>(index)].step);
}

void TimelineView::moveMinimapTo(int x) {
    const QRect map = minimapArea();
    const double at = (x - map.left()) / static_cast<double>(map.width()) * contentEnd();
    moveTo({at - window_.length() / 2, at + window_.length() / 2});
}

int TimelineView::rowUnder(int y) const {
    return layout_.rowAt(y - lanesArea().top() + scroll_->value());
}

double TimelineView::xOf(double seconds) const {
    const QRect lanes = lanesArea();
    return lanes.left() + window_.xOf(seconds, lanes.width());
}

QRectF TimelineView::placeOf(int rank, Lane lane, RowPart part) const {
    const QRect lanes = lanesArea();
    for (const LaneRow& row : layout_.rows) {
        if (row.rank != rank || row.lane != lane) continue;
        const int top = part == RowPart::Ghost  ? row.upper()
                        : part == RowPart::Lane ? row.top
                                                : row.top + row.height;
        const int height = part == RowPart::Ghost  ? row.ghost
                           : part == RowPart::Lane ? row.height
                                                   : row.memory;
        return QRectF(lanes.left(), lanes.top() + top - scroll_->value(), lanes.width(), height);
    }
    return {};
}

QRectF TimelineView::placeOf(const PlacedSpan& span, RowPart part) const {
    const QRectF row = placeOf(span.rank, span.lane, part);
    const double left = std::round(xOf(static_cast<double>(span.span.begin) * 1e-9)),
                 right = std::round(xOf(static_cast<double>(span.span.end) * 1e-9));
    return row.isEmpty() ? row : QRectF(left, row.top(), right - left, row.height());
}

const SpanLane* TimelineView::laneAt(int y) const {
    const int row = rowUnder(y);
    if (row < 0 || static_cast<std::size_t>(row) >= store_.lanes().size()) return nullptr;
    return &store_.lanes()[static_cast<std::size_t>(row)];
}

}  // namespace rondo::ui
