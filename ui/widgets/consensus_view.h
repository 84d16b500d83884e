#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/draw/plot_frame.h"
#include "ui/draw/theme.h"
#include "ui/store/focus.h"

namespace rondo::ui {

/// How far the workers' weights are from their mean, at every evaluation, on a logarithmic axis; and what the
/// graph they talk over lets one expect. Of runs whose workers have weights of their own. Thread: GUI only.
class ConsensusView final : public QWidget {
    Q_OBJECT
  public:
    ConsensusView(const RunStore& store, Focus& focus, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QSize sizeHint() const override { return {380, 150}; }
    QSize minimumSizeHint() const override { return {260, 110}; }

    /// Runs of these settings have something to show here.
    static bool concerns(const RunSpec& spec);
    /// What the second eigenvalue of the mixing matrix means, in words; empty without one.
    static QString words(std::optional<double> secondEigenvalue);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

  private:
    std::optional<double> secondEigenvalue() const;
    PlotFrame frame() const;  ///< y: powers of ten
    double yOf(const PlotFrame& frame, double distance) const;
    void paintCurve(QPainter& painter, const PlotFrame& frame) const;
    void paintCursor(QPainter& painter, const PlotFrame& frame) const;
    void paintEmpty(QPainter& painter) const;

    const RunStore& store_;
    Focus& focus_;
    Theme theme_ = Theme::light();
};

}  // namespace rondo::ui
