// How the curve plot looks, and the labelled lines over its curves.
#include <QComboBox>
#include <QLabel>
#include <QSlider>
#include <QToolButton>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/custom_plot.h"
#include "ui/store/lookup.h"
#include "ui/store/outcome.h"
#include "ui/widgets/curve_plot.h"

namespace rondo::ui {

void CurvePlot::style() {
    const QColor loss = theme_.forward, accuracy = theme_.backwardInput;
    QPalette palette = paletteOf(theme_);
    palette.setColor(QPalette::Window, theme_.panel);
    setPalette(palette);
    setAutoFillBackground(true);
    plot_->setBackground(theme_.panel);
    QColor faint = loss;
    faint.setAlpha(theme_.isDark ? 90 : 70);
    raw_->setPen(QPen(faint, 1));
    smooth_->setPen(QPen(loss, theme_.lineWidth + 0.5));
    accuracy_->setPen(QPen(accuracy, theme_.lineWidth, Qt::DotLine));
    accuracy_->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssDiamond, QPen(theme_.text, 1), accuracy, theme_.fontPixels * 0.6));

    const QFont caption = captionFont(theme_);
    for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis, plot_->yAxis2}) {
        axis->setBasePen(QPen(theme_.border, 1));
        axis->setTickPen(QPen(theme_.border, 1));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLength(0, 3);
        axis->setTickLabelFont(caption);
        axis->setLabelFont(caption);
        axis->setTickLabelColor(theme_.mutedText);
        axis->setLabelColor(theme_.mutedText);
        axis->setTickLabelPadding(4);
        axis->setLabelPadding(2);
        axis->grid()->setPen(QPen(theme_.grid, 1));
        axis->grid()->setSubGridVisible(false);
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    plot_->yAxis2->grid()->setVisible(false);
    plot_->yAxis->setBasePen(Qt::NoPen);
    plot_->yAxis2->setBasePen(Qt::NoPen);
    plot_->yAxis->setNumberFormat(QStringLiteral("gb"));
    plot_->yAxis->setNumberPrecision(4);
    QSharedPointer<QCPAxisTickerText> percent(new QCPAxisTickerText);
    // Few numbers on a small plot, more on a large one.
    const int apart = height() < 12 * theme_.fontPixels ? 50 : 25;
    for (int tick = 0; tick <= 100; tick += apart) percent->addTick(tick, QStringLiteral("%1 %").arg(tick));
    plot_->yAxis2->setTicker(percent);
    plot_->yAxis2->setRange(0, 103);
    plot_->yAxis->ticker()->setTickCount(std::clamp(height() / (4 * theme_.fontPixels), 2, 8));
    // "120 MB" is longer than "120".
    const int wide = along_ == Along::Bytes ? 9 : 6;
    plot_->xAxis->ticker()->setTickCount(std::clamp(width() / (wide * theme_.fontPixels), 3, 10));
    // Room for the names of marks, and for the upper half of the topmost tick's text: one that is cut is left
    // out.
    plot_->axisRect()->setMinimumMargins(QMargins(8, nameRows_ * QFontMetrics(caption).height() + 3, 6, 4));

    cursor_->setPen(QPen(theme_.accent, 1));
    cursorText_->setFont(caption);
    cursorText_->setColor(theme_.text);
    cursorText_->setBrush(theme_.panel);
    empty_->setFont(bodyFont(theme_));
    empty_->setColor(theme_.mutedText);
    legend_->setFont(caption);
    smoothing_->setFixedWidth(5 * theme_.fontPixels);
    smoothingName_->setFont(caption);
    smoothingName_->setVisible(width() >= 41 * theme_.fontPixels);
    writeLegend();
}

bool CurvePlot::narrow() const {
    return width() < 26 * theme_.fontPixels;
}

void CurvePlot::writeLegend() {
    // The marks are told apart by shape too: a line and a diamond.
    // Where there is no room beside each other, one stands below the other.
    const bool narrowest = width() < 28 * theme_.fontPixels, brief = width() < 35 * theme_.fontPixels;
    legend_->setText(
        QStringLiteral("<span style='font-size:%4px'><span style='color:%1'>━━</span> %2%6"
                       "<span style='color:%3'>◆</span> %5</span>")
            .arg(theme_.forward.name(), brief ? tr("loss") : tr("training loss"), theme_.backwardInput.name())
            .arg(theme_.fontPixels - 2)
            .arg(brief ? tr("accuracy") : tr("test accuracy"))
            .arg(narrowest ? QStringLiteral("<br>") : QStringLiteral(" &nbsp; ")));
}

void CurvePlot::resizeEvent(QResizeEvent*) {
    style();
    setMarks();
}

void CurvePlot::setMarks() {
    for (QCPAbstractItem* mark : marks_) plot_->removeItem(mark);
    marks_.clear();
    names_.clear();

    // A guess is about the whole run: one that was stopped says nothing about it.
    const bool over = store_.state() == RunState::Finished;
    if (guessAccuracy_) {
        QString words = tr("your guess %1 %").arg(*guessAccuracy_ * 100, 0, 'f', 1);
        if (over && !narrow() && latestTest_) {
            words += std::isfinite(latestTest_->value)
                         ? tr(", reached %1 %").arg(latestTest_->value, 0, 'f', 1)
                         : tr(", reached no number");
        }
        markLevel(*guessAccuracy_ * 100, words, theme_.accent);
    }
    if (guessSeconds_) {
        QString words = tr("your guess %1").arg(durationText(*guessSeconds_));
        // The report's own figure, as the table has it: events go on a little after the last step.
        const auto outcome = over && !narrow() ? Outcome::of(store_.report()) : std::nullopt;
        if (outcome && outcome->seconds) words += tr(", took %1").arg(durationText(*outcome->seconds));
        if (const auto x = xOfMoment(*guessSeconds_)) markMoment(*x, words, theme_.accent);
    }
    // Of a run that reached its accuracy before its last step, or was stopped, what so many steps should
    // take.
    const auto ended = over ? Outcome::of(store_.report()) : std::nullopt;
    const auto predicted =
        ended ? predictedSeconds(store_.prediction(), *ended) : store_.prediction().seconds;
    if (predicted && store_.hasRun()) {
        if (const auto x = xOfMoment(*predicted))
            markMoment(*x, tr("predicted %1").arg(durationText(*predicted)), theme_.text);
    }
    for (std::size_t i = 0; i < bad_.size(); ++i) {
        const QString value = std::isnan(bad_[i].value) ? tr("NaN") : tr("infinite");
        markMoment(xOf(bad_[i]), tr("⚑ loss became %1 at step %2").arg(value).arg(bad_[i].step),
                   theme_.fault);
    }
}

std::optional<double> CurvePlot::xOfMoment(double seconds) const {
    if (along_ == Along::Seconds) return seconds;
    // On the other axes a moment has a place only as far as the run has come: within a step, or at its end,
    // where rounding must not decide.
    const auto& steps = store_.steps();
    if (steps.empty() || seconds > steps.back().seconds * (1 + 1e-3)) return {};
    const std::size_t index = *stepIndexAt(steps, seconds);
    const double begin = beginOf(steps, index), lasts = std::max(steps[index].seconds - begin, 1e-12);
    const double share = std::clamp((seconds - begin) / lasts, 0.0, 1.0);
    if (along_ == Along::Bytes) {
        const double before = index == 0 ? 0 : static_cast<double>(steps[index - 1].payloadBytes);
        return before + (static_cast<double>(steps[index].payloadBytes) - before) * share;
    }
    const double over = steps[index].step + share;
    return along_ == Along::Steps ? over : over / perEpoch_;
}

void CurvePlot::markLevel(double percent, const QString& text, const QColor& colour) {
    auto* line = new QCPItemLine(plot_);
    for (QCPItemPosition* end : {line->start, line->end}) {
        end->setTypeX(QCPItemPosition::ptAxisRectRatio);
        end->setTypeY(QCPItemPosition::ptPlotCoords);
        end->setAxes(plot_->xAxis, plot_->yAxis2);
    }
    line->start->setCoords(0, percent);
    line->end->setCoords(1, percent);
    line->setPen(QPen(colour, theme_.lineWidth, Qt::DashLine));
    marks_.push_back(line);
    nameMark({}, text, colour);
}

void CurvePlot::markMoment(double x, const QString& text, const QColor& colour) {
    auto* line = new QCPItemLine(plot_);
    for (QCPItemPosition* end : {line->start, line->end}) {
        end->setTypeX(QCPItemPosition::ptPlotCoords);
        end->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    line->start->setCoords(x, 0);
    line->end->setCoords(x, 1);
    line->setPen(QPen(colour, theme_.lineWidth, Qt::DashLine));
    marks_.push_back(line);
    nameMark(x, text, colour);
}

void CurvePlot::nameMark(std::optional<double> x, const QString& text, const QColor& colour) {
    auto* name = new QCPItemText(plot_);
    name->position->setType(QCPItemPosition::ptAbsolute);
    name->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
    name->setClipToAxisRect(false);
    name->setText(text);
    name->setFont(captionFont(theme_));
    name->setColor(colour);
    marks_.push_back(name);
    // A level's name finds room beside those of moments more easily than the other way round.
    name->setLayer(cursor_->layer());  // they step aside for what the cursor tells
    names_.insert(x ? names_.begin() : names_.end(), MarkName{name, x, {}, true});
}

void CurvePlot::placeNames() {
    const QRect area = plot_->axisRect()->rect();
    const QFontMetricsF metrics(captionFont(theme_));
    std::vector<std::vector<std::pair<double, double>>> rows;  // what is taken of each, from the plot upwards
    const auto most =
        std::max<std::size_t>(2, static_cast<std::size_t>(plot_->height() * 0.3 / metrics.height()));
    for (MarkName& name : names_) {
        const double wide = metrics.horizontalAdvance(name.text->text()) + 2;
        const double last = std::max(2.0, plot_->width() - wide - 2);
        // Over its line or beside it; a level's where its axis is, else where it begins.
        const double at = name.x ? plot_->xAxis->coordToPixel(*name.x) : 0;
        const std::array<double, 3> wanted =
            name.x ? std::array{at - wide / 2, at - wide, at}
                   : std::array{area.right() - wide, static_cast<double>(area.left()),
                                area.center().x() - wide / 2};
        std::optional<std::pair<std::size_t, double>> place;
        for (std::size_t row = 0; row <= rows.size() && row < most && !place; ++row) {
            if (row == rows.size()) rows.emplace_back();
            for (const double one : wanted) {
                const double left = std::clamp(one, 2.0, last);
                const bool taken = std::any_of(rows[row].begin(), rows[row].end(), [&](const auto& other) {
                    return left < other.second + 8 && other.first < left + wide + 8;
                });
                if (taken) continue;
                place.emplace(row, left);
                break;
            }
        }
        name.fits = place.has_value();
        if (!place) continue;
        rows[place->first].emplace_back(place->second, place->second + wide);
        const double bottom = area.top() - 1 - static_cast<double>(place->first) * metrics.height();
        name.at = QRectF(place->second, bottom - metrics.height() + 1, wide, metrics.height() - 1);
        name.text->position->setPixelPosition(QPointF(place->second, bottom));
    }
    const int wanted = std::max(1, static_cast<int>(rows.size()));
    if (wanted == nameRows_) return;
    nameRows_ = wanted;
    style();
    plot_->replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace rondo::ui
