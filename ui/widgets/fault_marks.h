#pragma once

#include <functional>
#include <optional>

#include "ui/draw/custom_plot.h"
#include "ui/draw/fault_layout.h"
#include "ui/draw/theme.h"
#include "ui/store/run_store.h"

namespace rondo::ui {

/// The faults of the run on a plot whose x axis is steps, seconds or anything else that grows with time: a
/// band while each was felt, a line with its name where it began, and what it was when the pointer asks.
/// Belongs to the plot. Thread: GUI only.
class FaultMarks final : public QCPLayerable {
    Q_OBJECT
  public:
    /// On the x axis; empty where the run hasn't come to that moment.
    using XOf = std::function<std::optional<double>(double seconds)>;
    /// `theme` is looked at whenever the plot is drawn.
    FaultMarks(QCustomPlot& plot, const RunStore& store, const Theme& theme, XOf xOf);
    QString tipAt(QPointF pixel) const;

  protected:
    void applyDefaultAntialiasingHint(QCPPainter*) const override {}
    void draw(QCPPainter* painter) override;
    QRect clipRect() const override;
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    double pixelOf(double seconds) const;
    double reached() const;

    const RunStore& store_;
    const Theme& theme_;
    XOf xOf_;
};

}  // namespace rondo::ui
