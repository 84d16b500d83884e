#include "ui/widgets/curve_plot.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/custom_plot.h"
#include "ui/draw/log_ticker.h"
#include "ui/store/lookup.h"
#include "ui/widgets/fault_marks.h"

namespace rondo::ui {

namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
const QString kCursorLayer = QStringLiteral("cursor"), kCurves = QStringLiteral("main");

/// Bytes as people say them.
class BytesTicker final : public QCPAxisTicker {
  protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override { return bytesText(tick); }
};

}  // namespace

CurvePlot::CurvePlot(const RunStore& store, Focus& focus, QWidget* parent)
    : QWidget(parent),
      store_(store),
      focus_(focus),
      alongChoice_(new QComboBox(this)),
      logButton_(new QToolButton(this)),
      smoothing_(new QSlider(Qt::Horizontal, this)),
      smoothingName_(new QLabel(tr("Smooth"), this)),
      legend_(new QLabel(this)),
      plot_(new QCustomPlot(this)) {
    setAccessibleName(tr("Loss and accuracy"));
    alongChoice_->addItems({tr("Steps"), tr("Seconds"), tr("Epochs"), tr("Bytes")});
    alongChoice_->setToolTip(tr("What runs along the bottom"));
    alongChoice_->setAccessibleName(tr("Horizontal axis"));
    logButton_->setText(tr("Log"));
    logButton_->setCheckable(true);
    logButton_->setToolTip(tr("Logarithmic loss axis"));
    smoothing_->setRange(0, static_cast<int>(kSmoothing.size()) - 1);
    smoothing_->setPageStep(2);
    smoothing_->setValue(kUsualSmoothing);
    smoothing_->setAccessibleName(tr("Smoothing of the loss"));
    legend_->setTextFormat(Qt::RichText);
    legend_->setMinimumWidth(1);

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(10, 3, 6, 0);
    bar->setSpacing(4);
    bar->addWidget(legend_, 1);
    bar->addWidget(smoothingName_);
    bar->addWidget(smoothing_);
    bar->addWidget(alongChoice_);
    bar->addWidget(logButton_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(plot_, 1);

    plot_->setPlottingHint(QCP::phFastPolylines);
    plot_->setMinimumSize(120, 80);
    plot_->setMouseTracking(true);
    plot_->installEventFilter(this);
    raw_ = plot_->addGraph();
    smooth_ = plot_->addGraph();
    accuracy_ = plot_->addGraph(plot_->xAxis, plot_->yAxis2);
    for (QCPGraph* graph : {raw_, smooth_, accuracy_}) graph->setAdaptiveSampling(true);
    plot_->yAxis2->setVisible(true);
    plot_->yAxis2->setRange(0, 100);
    plot_->xAxis2->setVisible(false);

    // The cursor has a layer of its own: moving it repaints a line, not the curves.
    plot_->addLayer(kCursorLayer);
    plot_->layer(kCursorLayer)->setMode(QCPLayer::lmBuffered);
    cursor_ = new QCPItemLine(plot_);
    cursorText_ = new QCPItemText(plot_);
    for (QCPAbstractItem* item :
         {static_cast<QCPAbstractItem*>(cursor_), static_cast<QCPAbstractItem*>(cursorText_)}) {
        item->setLayer(kCursorLayer);
        item->setVisible(false);
    }
    for (QCPItemPosition* end : {cursor_->start, cursor_->end}) {
        end->setTypeX(QCPItemPosition::ptPlotCoords);
        end->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    cursorText_->position->setType(QCPItemPosition::ptAbsolute);
    cursorText_->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
    cursorText_->setClipToAxisRect(false);
    cursorText_->setPadding(QMargins(3, 0, 3, 0));
    keptCurves_ = std::make_unique<KeptCurves>(*plot_);
    new FaultMarks(*plot_, store_, theme_, [this](double seconds) { return xOfMoment(seconds); });
    plot_->layer(kCurves)->setMode(QCPLayer::lmBuffered);
    connect(plot_, &QCustomPlot::afterLayout, this, [this] {
        placeNames();
        keptCurves_->placeNames();
        placeCursor();
    });
    empty_ = new QCPItemText(plot_);
    empty_->position->setType(QCPItemPosition::ptAxisRectRatio);
    empty_->position->setCoords(0.5, 0.5);

    connect(alongChoice_, &QComboBox::currentIndexChanged, this,
            [this](int index) { setAlong(static_cast<Along>(index)); });
    connect(smoothing_, &QSlider::valueChanged, this, &CurvePlot::setSmoothing);
    connect(logButton_, &QToolButton::toggled, this, &CurvePlot::setLogarithmic);
    connect(&store_, &RunStore::changed, this, &CurvePlot::onChanged);
    connect(&focus_, &Focus::cursorChanged, this, [this] {
        placeCursor();
        plot_->layer(kCursorLayer)->replot();
    });
    style();
    setSmoothing(kUsualSmoothing);
}

void CurvePlot::setTheme(const Theme& theme) {
    theme_ = theme;
    updateGeometry();
    style();
    fillKept();
    setMarks();
    replot();
}

void CurvePlot::setSmoothing(int place) {
    if (smoothing_->value() != place) return smoothing_->setValue(place);  // which comes here again
    const int steps = kSmoothing[static_cast<std::size_t>(place)];
    smoothing_->setToolTip(steps == 1 ? tr("Smoothing: none")
                                      : tr("Smoothing: over about %1 steps").arg(steps));
    smoother_ = Smoother(keptShare(steps));
    fillKept();
    refill();
}

void CurvePlot::setKept(const KeptRuns& kept) {
    kept_ = &kept;
    const auto show = [this] {
        fillKept();
        fitAxes();
        replot();
    };
    connect(&kept, &KeptRuns::changed, this, show);
    show();
}

void CurvePlot::fillKept() {
    if (kept_)
        keptCurves_->fill(*kept_, along_, kSmoothing[static_cast<std::size_t>(smoothing_->value())], theme_);
}

void CurvePlot::setGuess(std::optional<double> expectedAccuracy, std::optional<double> expectedSeconds) {
    guessAccuracy_ = expectedAccuracy;
    guessSeconds_ = expectedSeconds;
    fitAxes();
    setMarks();
    replot();
}

void CurvePlot::setAlong(Along along) {
    if (along_ == along) return;
    along_ = along;
    alongChoice_->setCurrentIndex(static_cast<int>(along));
    plot_->xAxis->setTicker(along == Along::Bytes ? QSharedPointer<QCPAxisTicker>(new BytesTicker)
                                                  : QSharedPointer<QCPAxisTicker>::create());
    style();
    fillGraphs();
    fillKept();
    fitAxes();
    setMarks();
    placeCursor();
    replot();
}

void CurvePlot::setLogarithmic(bool on) {
    if (logarithmic_ == on) return;
    logarithmic_ = on;
    logButton_->setChecked(on);
    plot_->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    plot_->yAxis->setTicker(on ? QSharedPointer<QCPAxisTicker>(new LogTicker)
                               : QSharedPointer<QCPAxisTicker>::create());
    style();
    fitAxes();
    setMarks();
    replot();
}

void CurvePlot::onChanged(const RunStore::Changes& changes) {
    if (changes.reset) {
        refill();
        return;
    }
    if (!changes.steps && !changes.evaluations && !changes.state) return;
    const std::size_t flags = bad_.size();
    take();
    fillGraphs();
    fitAxes();
    if (changes.state || changes.evaluations || bad_.size() != flags || guessSeconds_) {
        setMarks();
        replot();
    } else {
        replotCurves();
    }
}

void CurvePlot::refill() {
    for (ThinnedCurve* curve : {&loss_, &smoothed_, &tests_}) curve->clear();
    smoother_.reset();
    stepsTaken_ = evaluationsTaken_ = 0;
    highest_ = lowest_ = 0;
    latest_.reset();
    latestTest_.reset();
    bad_.clear();
    lastBad_ = false;
    take();
    fillGraphs();
    fitAxes();
    setMarks();
    placeCursor();
    replot();
}

void CurvePlot::take() {
    if (store_.spec().weights.modelled)
        return;  // nothing is learned: what comes is no number, and no fault either
    const auto& steps = store_.steps();
    const auto fresh = std::min<quint64>(store_.stepHistory().ever() - stepsTaken_, steps.size());
    stepsTaken_ = store_.stepHistory().ever();
    for (std::size_t i = steps.size() - static_cast<std::size_t>(fresh); i < steps.size(); ++i) {
        const StepPoint& step = steps[i];
        const double smooth = smoother_.add(step.loss);
        const bool bad = !std::isfinite(step.loss);
        const auto bytes = static_cast<double>(step.payloadBytes);
        latest_ = CurvePoint{step.step, step.seconds, step.loss, bytes};
        // A gap in the line and a flag at its start: a diverging run must be seen.
        loss_.add(*latest_);
        smoothed_.add({step.step, step.seconds, bad ? kNothing : smooth, bytes});
        if (bad && !lastBad_ && bad_.size() < kFlags) bad_.push_back(*latest_);
        lastBad_ = bad;
        if (bad) continue;
        highest_ = std::max(highest_, smooth);
        if (step.loss > 0) lowest_ = lowest_ > 0 ? std::min(lowest_, step.loss) : step.loss;
    }
    const auto& evaluations = store_.evaluations();
    const auto tested = std::min<quint64>(store_.evaluationsEver() - evaluationsTaken_, evaluations.size());
    evaluationsTaken_ = store_.evaluationsEver();
    for (std::size_t i = evaluations.size() - static_cast<std::size_t>(tested); i < evaluations.size(); ++i) {
        const Evaluated& one = evaluations[i];
        latestTest_ = CurvePoint{one.step, secondsOf(one.stamp.at), one.testAccuracy * 100,
                                 static_cast<double>(one.payloadBytes)};
        tests_.add(*latestTest_);
    }
    perEpoch_ = stepsPerEpoch(store_);
}

void CurvePlot::fillGraphs() {
    const auto fill = [this](QCPGraph* graph, const ThinnedCurve& curve) {
        QVector<QCPGraphData> data;
        for (const CurvePoint& point : curve.points()) {
            data.append({xOf(point), std::isfinite(point.value) ? point.value : kNothing});
        }
        graph->data()->set(data, true);
    };
    fill(raw_, loss_);
    fill(smooth_, smoothed_);
    fill(accuracy_, tests_);
}

double CurvePlot::xOf(const CurvePoint& point) const {
    switch (along_) {
        case Along::Steps:
            return point.step;
        case Along::Seconds:
            return point.seconds;
        case Along::Epochs:
            return (point.step + 1) / perEpoch_;
        case Along::Bytes:
            return point.bytes;
    }
    return 0;
}

double CurvePlot::xOfStep(std::size_t index) const {
    const StepPoint& step = store_.steps()[index];
    return xOf({step.step, step.seconds, step.loss, static_cast<double>(step.payloadBytes)});
}

double CurvePlot::secondsAt(double x) const {
    const auto& steps = store_.steps();
    if (along_ == Along::Seconds || steps.empty()) return x;
    const double step = std::round(along_ == Along::Steps ? x : x * perEpoch_ - 1);
    const auto it = std::partition_point(steps.begin(), steps.end(), [&](const StepPoint& s) {
        return along_ == Along::Bytes ? static_cast<double>(s.payloadBytes) < x : s.step < step;
    });
    const auto index = std::min(static_cast<std::size_t>(it - steps.begin()), steps.size() - 1);
    return (beginOf(steps, index) + steps[index].seconds) / 2;
}

void CurvePlot::fitAxes() {
    const auto planned = store_.started() && store_.started()->plannedSteps > 0
                             ? store_.started()->plannedSteps
                             : std::int64_t{0};
    double right = latest_ ? xOf(*latest_) : 0;
    if (latest_ && along_ == Along::Steps) right += 1;  // a mark at its end stands behind its point
    const bool live = !store_.over();
    // While it runs the axis already reaches to the end, so that one sees how far it is.
    if (live && planned > 0) {
        if (along_ == Along::Steps) right = std::max(right, static_cast<double>(planned));
        if (along_ == Along::Epochs) right = std::max(right, static_cast<double>(planned) / perEpoch_);
        if (along_ == Along::Seconds) right = std::max(right, store_.prediction().seconds.value_or(0));
    }
    if (along_ == Along::Seconds && guessSeconds_ && (right <= 0 || *guessSeconds_ < 3 * right))
        right = std::max(right, *guessSeconds_);
    if (along_ == Along::Bytes && live && planned > 0)
        right = std::max(
            right, static_cast<double>(store_.prediction().payloadPerStep()) * static_cast<double>(planned));
    if (latestTest_) right = std::max(right, xOf(*latestTest_));
    right = std::max(right, keptCurves_->right());
    plot_->xAxis->setRange(0, right > 0 ? right * 1.02 : 1);
    const double highest = std::max(highest_, keptCurves_->highest());
    if (logarithmic_) {
        double lowest = lowest_;
        if (const double kept = keptCurves_->lowest(); kept > 0)
            lowest = lowest > 0 ? std::min(lowest, kept) : kept;
        const double low = lowest > 0 ? lowest * 0.8 : 0.01;
        plot_->yAxis->setRange(low, std::max(highest * 1.4, low * 10));
    } else {
        plot_->yAxis->setRange(0, highest > 0 ? highest * 1.15 : 1);
    }
}

void CurvePlot::placeCursor() {
    const auto& steps = store_.steps();
    const bool shown = focus_.cursor() && !steps.empty();
    for (const MarkName& name : names_) name.text->setVisible(name.fits);
    cursor_->setVisible(shown);
    cursorText_->setVisible(shown);
    if (!shown) return;
    const std::size_t index = *stepIndexAt(steps, *focus_.cursor());
    const double x = along_ == Along::Seconds ? *focus_.cursor() : xOfStep(index);
    cursor_->start->setCoords(x, 0);
    cursor_->end->setCoords(x, 1);
    const double loss = steps[index].loss;
    const QString step =
        tr("step %1: loss %2")
            .arg(steps[index].step)
            .arg(std::isfinite(loss) ? QString::number(loss, 'g', 4) : QString::number(loss));
    const auto& tests = store_.evaluations();
    const auto after = std::partition_point(tests.begin(), tests.end(), [&](const Evaluated& one) {
        return one.step <= steps[index].step + 1;  // counted in steps that are over
    });
    QString accuracy;
    if (after != tests.begin() && std::isfinite(std::prev(after)->testAccuracy))
        accuracy = tr(", accuracy %1 %").arg(std::prev(after)->testAccuracy * 100, 0, 'f', 1);
    const QString place = along_ == Along::Seconds  ? durationText(x) + tr(" · ")
                          : along_ == Along::Epochs ? tr("epoch %1 · ").arg(x, 0, 'f', 1)
                          : along_ == Along::Bytes  ? bytesText(x) + tr(" · ")
                                                    : QString();
    const QFontMetricsF metrics(cursorText_->font());
    const auto wide = [&](const QString& text) { return metrics.horizontalAdvance(text) + 8; };
    // As much as there is room for.
    QString words = place + step + accuracy;
    if (wide(words) > plot_->width()) words = step + accuracy;
    if (wide(words) > plot_->width()) words = step;
    cursorText_->setText(words);
    const QRect area = plot_->axisRect()->rect();
    const double left = std::clamp(plot_->xAxis->coordToPixel(x) - wide(words) / 2, 0.0,
                                   std::max(0.0, plot_->width() - wide(words)));
    cursorText_->position->setPixelPosition(QPointF(left, area.top() - 1));
    // What stands in its way steps aside, whole.
    const QRectF taken(left, area.top() - 1 - metrics.height(), wide(words), metrics.height());
    for (const MarkName& name : names_) name.text->setVisible(name.fits && !name.at.intersects(taken));
}

void CurvePlot::replot() {
    const bool modelled = store_.hasRun() && store_.spec().weights.modelled;
    const bool nothing = modelled || (store_.steps().empty() && store_.evaluations().empty());
    const bool empty = nothing && keptCurves_->empty();
    empty_->setText(modelled ? tr("Modelled weights learn nothing:\ntime and bytes only.")
                             : tr("Loss and accuracy appear here."));
    empty_->setVisible(empty);
    for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis, plot_->yAxis2}) axis->setTickLabels(!empty);
    drawn_ = {plot_->xAxis->range(), plot_->yAxis->range()};
    plot_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::replotCurves() {
    // Thirty kept runs take longer to draw than a frame lasts: while the axes stand they stay as they are.
    if (!empty_->visible() && drawn_ == std::pair{plot_->xAxis->range(), plot_->yAxis->range()})
        plot_->layer(kCurves)->replot();
    else
        replot();
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event) {
    if (watched == plot_ && event->type() == QEvent::MouseMove) {
        const QPoint at = static_cast<QMouseEvent*>(event)->pos();
        if (plot_->axisRect()->rect().contains(at) && !store_.steps().empty()) {
            focus_.setCursor(secondsAt(plot_->xAxis->pixelToCoord(at.x())));
        } else {
            focus_.setCursor({});
        }
    } else if (watched == plot_ && event->type() == QEvent::Leave) {
        focus_.setCursor({});
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace rondo::ui
