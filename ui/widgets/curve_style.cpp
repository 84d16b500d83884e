// How the curve plot looks, and the labelled lines over its curves.
#include <QComboBox>
#include <QLabel>
#include <QToolButton>
#include <algorithm>
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
    for (const int tick : {0, 25, 50, 75, 100}) percent->addTick(tick, QStringLiteral("%1 %").arg(tick));
    plot_->yAxis2->setTicker(percent);
    plot_->yAxis2->setRange(0, 103);
    if (!logarithmic_) plot_->yAxis->ticker()->setTickCount(4);
    plot_->xAxis->ticker()->setTickCount(5);
    // Room for the upper half of the topmost label; one that is cut is left out.
    plot_->axisRect()->setMinimumMargins(QMargins(8, QFontMetrics(caption).height() / 2 + 3, 6, 4));

    cursor_->setPen(QPen(theme_.accent, 1));
    cursorText_->setFont(caption);
    cursorText_->setColor(theme_.text);
    cursorText_->setBrush(theme_.raised);
    empty_->setFont(bodyFont(theme_));
    empty_->setColor(theme_.mutedText);
    legend_->setFont(caption);
    writeLegend();
}

bool CurvePlot::narrow() const {
    return width() < 26 * theme_.fontPixels;
}

void CurvePlot::writeLegend() {
    // The marks are told apart by shape too: a line and a diamond.
    legend_->setText(QStringLiteral("<span style='font-size:%4px'><span style='color:%1'>━━</span> %2 &nbsp; "
                                    "<span style='color:%3'>◆</span> %5</span>")
                         .arg(theme_.forward.name(), narrow() ? tr("loss") : tr("training loss"),
                              theme_.backwardInput.name())
                         .arg(theme_.fontPixels - 2)
                         .arg(narrow() ? tr("accuracy") : tr("test accuracy")));
}

void CurvePlot::resizeEvent(QResizeEvent*) {
    writeLegend();
    setMarks();
    // Few numbers on a small plot, more on a large one.
    plot_->xAxis->ticker()->setTickCount(std::clamp(width() / (6 * theme_.fontPixels), 3, 10));
    if (!logarithmic_)
        plot_->yAxis->ticker()->setTickCount(std::clamp(height() / (4 * theme_.fontPixels), 3, 8));
}

void CurvePlot::setMarks() {
    for (QCPAbstractItem* mark : marks_) plot_->removeItem(mark);
    marks_.clear();

    const bool over = isFinal(store_.state());
    if (guessAccuracy_) {
        QString words = tr("your guess %1 %").arg(*guessAccuracy_ * 100, 0, 'f', 1);
        if (over && !narrow() && latestTest_) {
            words += std::isfinite(latestTest_->value) ? tr(", reached %1 %").arg(latestTest_->value, 0, 'f', 1)
                                                       : tr(", reached no number");
        }
        markLevel(*guessAccuracy_ * 100, words, theme_.accent, *guessAccuracy_ < 0.85);
    }
    const auto& steps = store_.steps();
    // Moments in seconds have a place on the other axes only as far as the run has come.
    const auto placeOf = [&](double seconds) -> std::optional<double> {
        if (along_ == Along::Seconds) return seconds;
        if (steps.empty() || seconds > steps.back().seconds) return {};
        return xOfStep(*stepIndexAt(steps, seconds));
    };
    if (guessSeconds_) {
        QString words = tr("your guess %1").arg(durationText(*guessSeconds_));
        // The report's own figure, as the table has it: events go on a little after the last step.
        const auto outcome = over && !narrow() ? Outcome::of(store_.report()) : std::nullopt;
        if (outcome && outcome->seconds) words += tr(", took %1").arg(durationText(*outcome->seconds));
        if (const auto x = placeOf(*guessSeconds_)) markMoment(*x, words, theme_.accent, 0.62);
    }
    if (const auto predicted = store_.prediction().seconds; predicted && store_.hasRun()) {
        if (const auto x = placeOf(*predicted))
            markMoment(*x, tr("predicted %1").arg(durationText(*predicted)), theme_.text, 0.45);
    }
    for (std::size_t i = 0; i < bad_.size(); ++i) {
        const QString value = std::isnan(bad_[i].value) ? tr("NaN") : tr("infinite");
        markMoment(xOf(bad_[i].step, bad_[i].seconds),
                   tr("⚑ loss became %1 at step %2").arg(value).arg(bad_[i].step), theme_.fault,
                   0.12 + 0.14 * static_cast<double>(i));
    }
}

void CurvePlot::markLevel(double percent, const QString& text, const QColor& colour, bool above) {
    auto* line = new QCPItemLine(plot_);
    for (QCPItemPosition* end : {line->start, line->end}) {
        end->setTypeX(QCPItemPosition::ptAxisRectRatio);
        end->setTypeY(QCPItemPosition::ptPlotCoords);
        end->setAxes(plot_->xAxis, plot_->yAxis2);
    }
    line->start->setCoords(0, percent);
    line->end->setCoords(1, percent);
    line->setPen(QPen(colour, theme_.lineWidth, Qt::DashLine));
    auto* label = new QCPItemText(plot_);
    label->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    label->position->setTypeY(QCPItemPosition::ptPlotCoords);
    label->position->setAxes(plot_->xAxis, plot_->yAxis2);
    label->position->setCoords(0.99, percent);
    label->setPositionAlignment(Qt::AlignRight | (above ? Qt::AlignBottom : Qt::AlignTop));
    label->setText(text);
    label->setFont(captionFont(theme_));
    label->setColor(colour);
    QColor ground = theme_.panel;
    ground.setAlpha(190);
    label->setBrush(ground);
    label->setPadding(QMargins(2, 1, 2, 1));
    marks_.insert(marks_.end(), {line, label});
}

void CurvePlot::markMoment(double x, const QString& text, const QColor& colour, double height) {
    auto* line = new QCPItemLine(plot_);
    for (QCPItemPosition* end : {line->start, line->end}) {
        end->setTypeX(QCPItemPosition::ptPlotCoords);
        end->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    line->start->setCoords(x, 0);
    line->end->setCoords(x, 1);
    line->setPen(QPen(colour, theme_.lineWidth, Qt::DashLine));
    auto* label = new QCPItemText(plot_);
    label->position->setTypeX(QCPItemPosition::ptPlotCoords);
    label->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    label->position->setCoords(x, height);
    // The text lies on the side where there is more room.
    const bool rightHalf = x > plot_->xAxis->range().center();
    label->setPositionAlignment((rightHalf ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    label->setText(text);
    label->setFont(captionFont(theme_));
    label->setColor(colour);
    QColor ground = theme_.panel;
    ground.setAlpha(210);
    label->setBrush(ground);
    label->setPadding(QMargins(4, 1, 4, 1));
    marks_.insert(marks_.end(), {line, label});
}

}  // namespace rondo::ui
