#pragma once

#include <QStringList>
#include <vector>

#include "ui/draw/run_style.h"
#include "ui/draw/theme.h"
#include "ui/store/kept_runs.h"

namespace rondo::ui {

/// What runs along the bottom of a plot of curves.
enum class Along { Steps, Seconds, Epochs, Bytes };

/// Loss and accuracy of the kept runs, under those of the run on the screen: a line each with its name at its
/// end, or mean and range of runs that differ only in their seed. Thread: GUI only.
class KeptCurves final {
  public:
    explicit KeptCurves(QCustomPlot& plot);

    /// Draws what is shown, anew. Cost follows the kept points, not the length of the runs.
    void fill(const KeptRuns& kept, Along along, int smoothing, const Theme& theme);
    /// Where axes fit; call it when they have changed.
    void placeNames();

    bool empty() const { return lines_.empty(); }
    double right() const { return right_; }      ///< the largest x
    double highest() const { return highest_; }  ///< of the smoothed losses
    double lowest() const { return lowest_; }    ///< of the losses above 0; 0 when there is none

  private:
    static constexpr std::size_t kMostRaw = 4;    ///< more raw curves behind are only noise
    static constexpr std::size_t kMostNamed = 8;  ///< more names would cover what they name
    static constexpr int kMostMarks = 24;         ///< on a curve: enough to know it by
    struct Line {
        QString name;
        RunStyle style;
        std::vector<const KeptRun*> runs;  ///< several: mean and range
        bool lost = false;                 ///< its loss is not a number somewhere
        QPointF end;                       ///< of the loss, else of the accuracy, in plot coordinates
        QCPAxis* axis = nullptr;           ///< that `end` is told on
        QCPGraph* upper = nullptr;         ///< what its name must not cover
    };
    void clear();
    void drawOne(Line& line, bool raw);
    void drawGroup(Line& line);
    void writeNames();
    QCPGraph* addGraph(QCPAxis* axis, const QPen& pen);
    void mark(QCPGraph& graph, const RunStyle& style) const;
    void meet(double x, double loss);
    double topBetween(const Line& line, double left, double right) const;  ///< pixels

    QCustomPlot& plot_;
    Theme theme_;
    Along along_ = Along::Steps;
    int smoothing_ = 1;
    std::vector<Line> lines_;
    std::vector<QCPGraph*> graphs_;    ///< owned by the plot, as are the names
    std::vector<QCPItemText*> names_;  ///< of the first lines, then one that counts the rest
    double right_ = 0, highest_ = 0, lowest_ = 0;
};

}  // namespace rondo::ui
