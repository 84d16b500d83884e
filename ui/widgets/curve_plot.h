#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "ui/draw/decimate.h"
#include "ui/draw/smoothing.h"
#include "ui/draw/theme.h"
#include "ui/draw/thinned_curve.h"
#include "ui/store/focus.h"
#include "ui/widgets/kept_curves.h"

class QCustomPlot;
class QCPGraph;
class QCPItemLine;
class QCPItemText;
class QCPAbstractItem;
class QComboBox;
class QToolButton;
class QLabel;
class QSlider;

namespace rondo::ui {

/// Training loss of every step (raw faint, smoothed strong) and test accuracy (right axis, a point an
/// evaluation), over steps, seconds, epochs or bytes; under them the runs that are kept. A loss that is not a
/// number is a gap with a flag that names the step. However long the run, a few thousand points are drawn,
/// and none of its peaks is lost. Thread: GUI only.
class CurvePlot final : public QWidget {
    Q_OBJECT
  public:
    using Along = ui::Along;

    CurvePlot(const RunStore& store, Focus& focus, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// What the person expects: a level on the accuracy axis (0–1), a moment in run seconds.
    void setGuess(std::optional<double> expectedAccuracy, std::optional<double> expectedSeconds);
    void setAlong(Along along);
    void setLogarithmic(bool on);
    /// A place in kSmoothing.
    void setSmoothing(int place);
    /// Draws what is kept there as well; it must outlive the plot.
    void setKept(const KeptRuns& kept);
    QCustomPlot& plot() { return *plot_; }
    QSize sizeHint() const override { return {380, 190}; }
    QSize minimumSizeHint() const override { return {24 * theme_.fontPixels, 140}; }

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    void onChanged(const RunStore::Changes& changes);
    void refill();      ///< from the store, anew
    void take();        ///< what is new in the store
    void fillGraphs();  ///< from what was taken
    void setMarks();
    void placeCursor();
    void fitAxes();
    void style();
    void writeLegend();
    bool narrow() const;  ///< little room for words, in terms of the type
    void replot();
    void replotCurves();  ///< of the run; what else is drawn stays, if it can
    void fillKept();
    double xOf(const CurvePoint& point) const;
    double xOfStep(std::size_t index) const;
    double secondsAt(double x) const;
    void markLevel(double percent, const QString& text, const QColor& colour);
    void markMoment(double x, const QString& text, const QColor& colour);
    void nameMark(std::optional<double> x, const QString& text, const QColor& colour);
    void placeNames();  ///< above the plot, where they cover nothing
    std::optional<double> xOfMoment(double seconds) const;

    const RunStore& store_;
    Focus& focus_;
    Theme theme_ = Theme::light();
    Along along_ = Along::Steps;
    bool logarithmic_ = false;
    std::optional<double> guessAccuracy_, guessSeconds_;
    QComboBox* alongChoice_;
    QToolButton* logButton_;
    QSlider* smoothing_;
    QLabel* smoothingName_;
    QLabel* legend_;
    QCustomPlot* plot_;
    QCPGraph *raw_, *smooth_, *accuracy_;
    QCPItemLine* cursor_;
    QCPItemText *cursorText_, *empty_;
    std::vector<QCPAbstractItem*> marks_;  ///< owned by the plot
    struct MarkName {
        QCPItemText* text;
        std::optional<double> x;  ///< of the line it stands over; none: a level
        QRectF at;                ///< pixels; empty before it is placed
        bool fits = true;
    };
    std::vector<MarkName> names_;
    int nameRows_ = 1;
    std::pair<QCPRange, QCPRange> drawn_;  ///< of both axes, when all was drawn last
    std::unique_ptr<KeptCurves> keptCurves_;
    const KeptRuns* kept_ = nullptr;
    Smoother smoother_{keptShare(kSmoothing[kUsualSmoothing])};
    ThinnedCurve loss_, smoothed_, tests_;
    quint64 stepsTaken_ = 0, evaluationsTaken_ = 0;
    double perEpoch_ = 1;
    double highest_ = 0, lowest_ = 0;   ///< of the smoothed loss; of the positive losses
    std::optional<CurvePoint> latest_;  ///< of the loss, the accuracy
    std::optional<CurvePoint> latestTest_;
    static constexpr std::size_t kFlags = 3;  ///< three tell it; a hundred would hide the curve
    std::vector<CurvePoint> bad_;             ///< where the loss stops being finite: the first times
    bool lastBad_ = false;
};

}  // namespace rondo::ui
