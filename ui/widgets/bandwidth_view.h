#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/draw/plot_frame.h"
#include "ui/draw/theme.h"
#include "ui/store/focus.h"

class QScrollBar;

namespace rondo::ui {

/// Payload bytes a second over run time, and a bar for every link with what it carried and its rate. In
/// `virtual` the capacity of the modelled network is drawn beside both. The selected link is highlighted;
/// click or up and down keys select. Faults are marked over the time and at the links they strike. Thread:
/// GUI only.
class BandwidthView final : public QWidget {
    Q_OBJECT
  public:
    BandwidthView(const RunStore& store, Focus& focus, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QSize sizeHint() const override { return {380, 190}; }
    QSize minimumSizeHint() const override { return {24 * theme_.fontPixels, 110}; }

  Q_SIGNALS:
    /// About what is selected.
    void menuWanted(const QPoint& globalPlace);

  protected:
    bool event(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    struct Row {
        LinkId link;
        LinkCounter counter;
    };
    void onChanged(const RunStore::Changes& changes);
    void updateScroll();
    PlotFrame frame() const;
    QRect chartArea() const;
    QRect tableArea() const;
    std::optional<double> linkCapacity() const;   ///< bytes a second of one link; empty outside `virtual`
    int cards() const;                            ///< network cards: of workers and servers
    std::optional<double> totalCapacity() const;  ///< of all network cards together
    /// What the cards could send at most, as fully as there is room for; empty when there is none.
    QString capacityWords(double capacity, bool inside, double room) const;
    double rateOf(const LinkCounter& counter) const;  ///< now; of a run that is over, its mean
    int rowHeight() const;
    std::vector<double> ratesFor(const PlotFrame& frame) const;  ///< bytes a second of columns of equal width
    std::vector<Row> rows() const;
    std::optional<LinkId> linkAt(QPoint point) const;
    void openMenuByKey();
    void paintChart(QPainter& painter) const;
    void paintTable(QPainter& painter) const;
    QString tipAt(QPoint point) const;

    const RunStore& store_;
    Focus& focus_;
    Theme theme_ = Theme::light();
    QScrollBar* scroll_;
};

}  // namespace rondo::ui
