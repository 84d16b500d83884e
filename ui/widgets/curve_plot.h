#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/draw/decimate.h"
#include "ui/draw/theme.h"
#include "ui/store/focus.h"

class QCustomPlot;
class QCPGraph;
class QCPItemLine;
class QCPItemText;
class QCPAbstractItem;
class QComboBox;
class QToolButton;
class QLabel;

namespace rondo::ui {

/// Training loss of every step (raw faint, smoothed strong) and test accuracy (right axis, a point an
/// evaluation), over steps, seconds or epochs. A loss that is not a number is a gap with a flag that names
/// the step. Thread: GUI only.
class CurvePlot final : public QWidget {
    Q_OBJECT
  public:
    enum class Along { Steps, Seconds, Epochs };

    CurvePlot(const RunStore& store, Focus& focus, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// What the person expects: a level on the accuracy axis (0–1), a moment in run seconds.
    void setGuess(std::optional<double> expectedAccuracy, std::optional<double> expectedSeconds);
    void setAlong(Along along);
    void setLogarithmic(bool on);
    QCustomPlot& plot() { return *plot_; }
    QSize sizeHint() const override { return {380, 190}; }
    QSize minimumSizeHint() const override { return {260, 140}; }

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    void onChanged(const RunStore::Changes& changes);
    void refill();
    void appendSteps();
    void setEvaluations();
    void setMarks();
    void placeCursor();
    void fitAxes();
    void style();
    void writeLegend();
    bool narrow() const;  ///< little room for words, in terms of the type
    void replot();
    double xOfStep(std::size_t index) const;
    double xOfEvaluation(const Evaluated& evaluation) const;
    double secondsAt(double x) const;
    double stepsPerEpoch() const;
    void markLevel(double percent, const QString& text, const QColor& colour, bool above);
    void markMoment(double x, const QString& text, const QColor& colour, double height);

    const RunStore& store_;
    Focus& focus_;
    Theme theme_ = Theme::light();
    Along along_ = Along::Steps;
    bool logarithmic_ = false;
    std::optional<double> guessAccuracy_, guessSeconds_;
    QComboBox* alongChoice_;
    QToolButton* logButton_;
    QLabel* legend_;
    QCustomPlot* plot_;
    QCPGraph *raw_, *smooth_, *accuracy_;
    QCPItemLine* cursor_;
    QCPItemText *cursorText_, *empty_;
    std::vector<QCPAbstractItem*> marks_;  ///< owned by the plot
    Smoother smoother_{0.8};
    std::size_t taken_ = 0;            ///< steps already in the graphs
    double perEpoch_ = 1;              ///< with which they went in
    double highest_ = 0, lowest_ = 0;  ///< of the smoothed loss; of the positive losses
    std::vector<int> badSteps_;        ///< first step of every stretch whose loss is not finite
    bool lastBad_ = false;
};

}  // namespace rondo::ui
