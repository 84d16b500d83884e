#include "ui/widgets/kept_curves.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QRegularExpression>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/draw/smoothing.h"
#include "ui/draw/spread_apart.h"
#include "ui/draw/thinned_curve.h"
#include "ui/store/mean_and_range.h"

namespace rondo::ui {

namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kDrawn = 250;  ///< buckets of a curve, with two points each: about one a pixel
const QString kLayer = QStringLiteral("kept");

QString words(const char* text) {
    return QCoreApplication::translate("rondo", text);
}

double xOf(const CurvePoint& point, const KeptRun& run, Along along) {
    switch (along) {
        case Along::Steps:
            return point.step;
        case Along::Seconds:
            return point.seconds;
        case Along::Epochs:
            return (point.step + 1) / run.stepsPerEpoch;
        case Along::Bytes:
            return point.bytes;
    }
    return 0;
}

std::vector<CurvePoint> smoothLoss(const KeptRun& run, int steps) {
    std::vector<double> values;
    values.reserve(run.loss.size());
    for (const CurvePoint& point : run.loss) values.push_back(point.value);
    values = smoothed(values, static_cast<double>(steps) / static_cast<double>(run.stepsAPoint));
    std::vector<CurvePoint> points = run.loss;
    for (std::size_t i = 0; i < points.size(); ++i) points[i].value = values[i];
    return points;
}

std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& points) {
    ThinnedCurve curve(kDrawn);
    for (const CurvePoint& point : points) curve.add(point);
    return curve.points();
}

void fillFrom(QCPGraph& graph, const std::vector<CurvePoint>& points, const KeptRun& run, Along along,
              double scale) {
    QVector<QCPGraphData> data;
    for (const CurvePoint& point : points)
        data.append({xOf(point, run, along), std::isfinite(point.value) ? point.value * scale : kNothing});
    graph.data()->set(data, true);
}

void fillFrom(QCPGraph& graph, const std::vector<double>& x, const std::vector<double>& y, double scale) {
    QVector<QCPGraphData> data;
    for (std::size_t i = 0; i < x.size(); ++i) data.append({x[i], y[i] * scale});
    graph.data()->set(data, true);
}

/// What tells names apart, where all of them begin alike: of "Ring · seed 2" the seed.
QStringList tellingParts(const QStringList& names) {
    static const QRegularExpression border(QStringLiteral(" · |: "));
    const auto beginOf = [](const QString& name) { return name.section(border, 0, 0); };
    QStringList rests;
    for (const QString& name : names) {
        const QString begin = beginOf(name);
        if (names.size() < 2 || begin != beginOf(names.first())) return names;
        rests << (begin == name ? name : name.mid(begin.size() + border.match(name).capturedLength()));
    }
    return rests;
}

std::vector<CurveXY> onAxis(const std::vector<CurvePoint>& points, const KeptRun& run, Along along) {
    std::vector<CurveXY> curve;
    for (const CurvePoint& point : points) curve.push_back({xOf(point, run, along), point.value});
    return curve;
}

}  // namespace

KeptCurves::KeptCurves(QCustomPlot& plot) : plot_(plot) {
    plot_.addLayer(kLayer, plot_.layer(QStringLiteral("main")), QCustomPlot::limBelow);
}

void KeptCurves::clear() {
    for (QCPGraph* graph : graphs_) plot_.removeGraph(graph);
    for (QCPItemText* name : names_) plot_.removeItem(name);
    graphs_.clear();
    names_.clear();
    lines_.clear();
    right_ = highest_ = lowest_ = 0;
}

void KeptCurves::fill(const KeptRuns& kept, Along along, int smoothing, const Theme& theme) {
    clear();
    along_ = along;
    smoothing_ = smoothing;
    theme_ = theme;
    const auto& entries = kept.entries();
    std::vector<bool> grouped(entries.size(), false);
    for (const KeptRuns::Group& group : kept.groups()) {
        Line line;
        std::vector<std::size_t> places;
        for (const std::size_t place : group.members)
            if (group.asOne && entries[place].shown) places.push_back(place);
        if (places.size() < 2) continue;
        for (const std::size_t place : places) {
            grouped[place] = true;
            line.runs.push_back(entries[place].run.get());
        }
        line.name = places.size() == group.members.size()
                        ? group.name
                        : words("%1: mean of %2 seeds").arg(entries[places[0]].name).arg(places.size());
        // Whichever of them are drawn, it keeps its look.
        line.style = RunStyle::of(entries[group.members.front()].slot, theme);
        lines_.push_back(std::move(line));
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (grouped[i] || !entries[i].shown) continue;
        Line line;
        line.name = entries[i].name;
        line.style = RunStyle::of(entries[i].slot, theme);
        line.runs.push_back(entries[i].run.get());
        lines_.push_back(std::move(line));
    }
    std::erase_if(lines_, [](const Line& line) {
        return std::all_of(line.runs.begin(), line.runs.end(),
                           [](const KeptRun* run) { return run->loss.empty() && run->accuracy.empty(); });
    });
    const bool raw = lines_.size() <= kMostRaw;
    for (Line& line : lines_) line.runs.size() > 1 ? drawGroup(line) : drawOne(line, raw);
    writeNames();
}

QCPGraph* KeptCurves::addGraph(QCPAxis* axis, const QPen& pen) {
    QCPGraph* graph = plot_.addGraph(plot_.xAxis, axis);
    graph->setLayer(kLayer);
    graph->setAdaptiveSampling(true);
    graph->setPen(pen);
    graphs_.push_back(graph);
    return graph;
}

void KeptCurves::mark(QCPGraph& graph, const RunStyle& style) const {
    graph.setScatterStyle(style.scatter(theme_));
    graph.setScatterSkip(std::max(0, graph.dataCount() / kMostMarks - 1));
}

void KeptCurves::meet(double x, double loss) {
    right_ = std::max(right_, x);
    if (!std::isfinite(loss)) return;
    highest_ = std::max(highest_, loss);
    if (loss > 0) lowest_ = lowest_ > 0 ? std::min(lowest_, loss) : loss;
}

void KeptCurves::drawOne(Line& line, bool raw) {
    const KeptRun& run = *line.runs.front();
    if (raw && smoothing_ > 1) {
        QColor faint = line.style.colour;
        faint.setAlpha(theme_.isDark ? 80 : 60);
        fillFrom(*addGraph(plot_.yAxis, QPen(faint, 1)), thinned(run.loss), run, along_, 1);
    }
    const std::vector<CurvePoint> loss = thinned(smoothLoss(run, smoothing_));
    line.upper = addGraph(plot_.yAxis, line.style.pen(theme_.lineWidth + 0.3));
    fillFrom(*line.upper, loss, run, along_, 1);
    for (const CurvePoint& point : loss) {
        meet(xOf(point, run, along_), point.value);
        if (!std::isfinite(point.value)) continue;
        line.end = {xOf(point, run, along_), point.value};
        line.axis = plot_.yAxis;
    }
    if (std::any_of(loss.begin(), loss.end(), [](const CurvePoint& p) { return !std::isfinite(p.value); }))
        line.lost = true;
    if (run.accuracy.empty()) return;
    QCPGraph* accuracy = addGraph(plot_.yAxis2, QPen(line.style.colour, 1, Qt::DotLine));
    fillFrom(*accuracy, thinned(run.accuracy), run, along_, 100);
    mark(*accuracy, line.style);
    const CurvePoint& last = run.accuracy.back();
    meet(xOf(last, run, along_), kNothing);
    if (line.axis || !std::isfinite(last.value)) return;
    line.end = {xOf(last, run, along_), last.value * 100};
    line.axis = plot_.yAxis2;
    line.upper = accuracy;
}

void KeptCurves::drawGroup(Line& line) {
    std::vector<std::vector<CurveXY>> losses, accuracies;
    for (const KeptRun* run : line.runs) {
        losses.push_back(onAxis(smoothLoss(*run, smoothing_), *run, along_));
        accuracies.push_back(onAxis(run->accuracy, *run, along_));
    }
    const auto draw = [&](const std::vector<std::vector<CurveXY>>& curves, QCPAxis* axis, double scale) {
        const MeanAndRange all = MeanAndRange::of(curves, 2 * kDrawn);
        if (all.x.empty()) return;
        QColor faint = line.style.colour;
        faint.setAlpha(theme_.isDark ? 70 : 50);
        QColor edge = line.style.colour;
        edge.setAlpha(120);
        QCPGraph *low = addGraph(axis, QPen(edge, 0.7)), *high = addGraph(axis, QPen(edge, 0.7));
        fillFrom(*low, all.x, all.low, scale);
        fillFrom(*high, all.x, all.high, scale);
        high->setBrush(faint);
        high->setChannelFillGraph(low);
        const bool loss = axis == plot_.yAxis;
        QCPGraph* mean = addGraph(
            axis, loss ? line.style.pen(theme_.lineWidth + 0.8) : QPen(line.style.colour, 1, Qt::DotLine));
        fillFrom(*mean, all.x, all.mean, scale);
        if (!loss) mark(*mean, line.style);
        for (std::size_t i = 0; i < all.x.size(); ++i) {
            meet(all.x[i], loss ? all.high[i] : kNothing);
            if (loss) meet(all.x[i], all.low[i]);
            if (!std::isfinite(all.mean[i]) || (line.axis && line.axis != axis)) continue;
            line.end = {all.x[i], all.mean[i] * scale};
            line.axis = axis;
            line.upper = high;
        }
    };
    draw(losses, plot_.yAxis, 1);
    draw(accuracies, plot_.yAxis2, 100);
}

void KeptCurves::writeNames() {
    const auto write = [this](const QString& text, const QColor& colour) {
        auto* name = new QCPItemText(&plot_);
        name->setLayer(QStringLiteral("overlay"));
        name->position->setType(QCPItemPosition::ptAbsolute);
        name->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
        name->setFont(captionFont(theme_));
        name->setText(text);
        name->setColor(colour);
        QColor ground = theme_.panel;
        ground.setAlpha(205);
        name->setBrush(ground);
        name->setPadding(QMargins(2, 0, 2, 0));
        names_.push_back(name);
    };
    const std::size_t named = std::min(lines_.size(), kMostNamed);
    QStringList names;
    for (std::size_t i = 0; i < named; ++i) names << lines_[i].name;
    names = tellingParts(names);
    for (std::size_t i = 0; i < named; ++i) {
        QString& name = lines_[i].name = names[static_cast<qsizetype>(i)];
        if (lines_[i].lost) name = QStringLiteral("⚑ ") + words("%1: loss lost").arg(name);
        write(name, lines_[i].style.colour);
    }
    if (lines_.size() > named)
        write(words("and %1 more: see Compare").arg(lines_.size() - named), theme_.mutedText);
}

double KeptCurves::topBetween(const Line& line, double left, double right) const {
    const auto& data = *line.upper->data();
    double top = line.axis->coordToPixel(line.end.y());
    const auto end = data.findEnd(plot_.xAxis->pixelToCoord(right));
    for (auto it = data.findBegin(plot_.xAxis->pixelToCoord(left)); it != end; ++it)
        if (std::isfinite(it->value)) top = std::min(top, line.axis->coordToPixel(it->value));
    return top;
}

void KeptCurves::placeNames() {
    const QRectF area = plot_.axisRect()->rect();
    const QFontMetricsF metrics(captionFont(theme_));
    const double high = metrics.height(), most = area.width() * 0.45;
    std::vector<double> wanted, lefts;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const bool named = i < lines_.size() && i < kMostNamed;
        const Line* line = named && lines_[i].axis ? &lines_[i] : nullptr;
        if (named) names_[i]->setText(metrics.elidedText(lines_[i].name, Qt::ElideMiddle, most));
        const double wide = metrics.horizontalAdvance(names_[i]->text()) + 5;
        const double last = std::max(area.left() + 1, area.right() - wide);
        const double end = line ? plot_.xAxis->coordToPixel(line->end.x()) + 3 : last;
        lefts.push_back(std::clamp(end, area.left() + 1, last));
        wanted.push_back(line ? topBetween(*line, lefts.back(), lefts.back() + wide) - high * 0.6
                              : area.top() + high / 2);
    }
    const auto places = spreadApart(wanted, high, area.top(), area.bottom());
    for (std::size_t i = 0; i < names_.size(); ++i) {
        names_[i]->setVisible(places[i].has_value());
        if (places[i]) names_[i]->position->setPixelPosition(QPointF(lefts[i], *places[i]));
    }
}

}  // namespace rondo::ui
