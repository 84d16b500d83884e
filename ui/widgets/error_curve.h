#pragma once

#include <QWidget>

#include "ui/draw/plot_frame.h"
#include "ui/draw/theme.h"
#include "ui/store/run_store.h"

namespace rondo::ui {

/// The relative length of what each step's compression left out, over steps: a line, and a band where a pixel
/// holds more than one step. Thread: GUI only.
class ErrorCurve final : public QWidget {
    Q_OBJECT
  public:
    explicit ErrorCurve(const RunStore& store, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QSize sizeHint() const override { return {700, 190}; }
    QSize minimumSizeHint() const override { return {20 * theme_.fontPixels, 8 * theme_.fontPixels}; }

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    PlotFrame frame() const;

    const RunStore& store_;
    Theme theme_ = Theme::light();
};

}  // namespace rondo::ui
