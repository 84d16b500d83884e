#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/draw/plot_frame.h"
#include "ui/draw/theme.h"
#include "ui/store/focus.h"

namespace rondo::ui {

/// Seconds each step took, as bars (least and most of a pixel column when there are more steps than pixels),
/// with the predicted time as a dashed line and the difference in percent, and faults marked. Click selects a
/// step. Thread: GUI only.
class StepTimeView final : public QWidget {
    Q_OBJECT
  public:
    StepTimeView(const RunStore& store, Focus& focus, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QSize sizeHint() const override { return {380, 150}; }
    QSize minimumSizeHint() const override { return {260, 110}; }

  protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

  private:
    void onChanged(const RunStore::Changes& changes);
    double secondsAt(std::size_t index) const;
    void measure();
    double median() const;
    PlotFrame frame() const;
    double stepAt(double seconds) const;  ///< on the axis
    QString tipAt(QPointF point) const;
    std::optional<std::size_t> indexAt(QPointF point) const;

    const RunStore& store_;
    Focus& focus_;
    Theme theme_ = Theme::light();
    std::vector<double> sorted_;  ///< seconds of a sample of the steps, in order
};

}  // namespace rondo::ui
