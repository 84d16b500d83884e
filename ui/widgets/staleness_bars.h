#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/draw/plot_frame.h"
#include "ui/draw/theme.h"
#include "ui/store/staleness.h"

namespace rondo::ui {

/// How many gradients were how many updates old: a bar each, with its share, and where theory expects them
/// as a dashed line. Thread: GUI only.
class StalenessBars final : public QWidget {
    Q_OBJECT
  public:
    explicit StalenessBars(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    void set(Staleness staleness, std::optional<StalenessTheory> theory);
    QSize sizeHint() const override { return {700, 190}; }
    QSize minimumSizeHint() const override { return {20 * theme_.fontPixels, 8 * theme_.fontPixels}; }

  protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

  private:
    PlotFrame frame() const;
    double shareOf(qint64 updates) const;

    Theme theme_ = Theme::light();
    Staleness staleness_;
    std::optional<StalenessTheory> theory_;
};

}  // namespace rondo::ui
