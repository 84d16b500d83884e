#pragma once

#include <QPixmap>
#include <QStringList>
#include <QWidget>
#include <functional>
#include <optional>

#include "ui/draw/fault_layout.h"
#include "ui/draw/lane_layout.h"
#include "ui/draw/theme.h"
#include "ui/draw/time_window.h"
#include "ui/store/fault_times.h"
#include "ui/store/focus.h"

class QScrollBar;

namespace rondo::ui {

/// What every rank did when: a lane for its computation and one for its communication, spans as named boxes,
/// waiting hatched, spans too narrow to draw as a zig-zag with their count. While a run is live the last few
/// steps are shown; zooming or panning stops that, End starts it again. Painting costs in proportion to
/// pixels: lanes are drawn once into a picture, the cursor over it. Who is struck by a fault has a mark on
/// its lanes for as long as it lasts, a link on the network lanes of both its ends. Keys: wheel zoom at the
/// pointer, drag pan, Shift+drag zoom to an area, F all, W/S zoom and A/D pan (by place on the keyboard), `,`
/// and `.` step back and forth, Home start, End follow, Esc clears. Thread: GUI only.
class TimelineView final : public QWidget {
    Q_OBJECT
  public:
    TimelineView(const RunStore& store, Focus& focus, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    void zoomToAll();
    void follow();
    bool following() const { return follow_; }
    const TimeWindow& window() const { return window_; }
    QSize sizeHint() const override { return {1366, 230}; }
    QSize minimumSizeHint() const override { return {480, 150}; }

  Q_SIGNALS:
    void followingChanged(bool following);
    /// About what is selected.
    void menuWanted(const QPoint& globalPlace);

  protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

  private:
    enum class Drag { None, Pan, Area, Minimap };

    int gutter() const;       ///< width of the names at the left
    QRect lanesArea() const;  ///< without the gutter of names
    QRect legendArea() const;
    QRect stepsArea() const;
    QRect axisArea() const;
    QRect minimapArea() const;

    void onChanged(const RunStore::Changes& changes);
    void onCursor();
    void layoutLanes();
    void followNow();
    void moveTo(TimeWindow window);  ///< by the person's hand: stops following
    void setWindow(TimeWindow window);
    void showStep(int step);
    void stepBy(int by);
    void moveMinimapTo(int x);
    void clickAt(QPoint point);
    QString tipAt(QPoint point) const;
    QString forgottenWords() const { return tr("Earlier spans are no longer kept"); }
    const SpanLane* laneAt(int y) const;
    const LaneSpan* spanAt(QPoint point) const;
    double contentEnd() const;

    void paintLegend(QPainter& painter) const;
    void paintSteps(QPainter& painter) const;
    void paintAxis(QPainter& painter) const;
    void paintLanes();
    void paintMinimap();
    void paintFaultGrounds(QPainter& painter) const;
    void paintLaneFaults(QPainter& painter) const;
    void paintStruckNames(QPainter& painter) const;
    void eachStruckRow(
        const std::function<void(const LaneRow&, double top, const FaultLayout&)>& paint) const;
    void paintMinimapFaults(QPainter& painter) const;
    void paintFaultSigns(QPainter& painter) const;  ///< over the time axis
    std::vector<FaultTime> faultsOfRow(const LaneRow& row) const;
    QString faultTipAt(QPoint point) const;
    void openMenuByKey();
    void paintOverlay(QPainter& painter) const;
    void paintShownPart(QPainter& painter) const;  ///< on the minimap
    void paintEmpty(QPainter& painter) const;

    const RunStore& store_;
    Focus& focus_;
    Theme theme_ = Theme::light();
    TimeWindow window_{0, 1};
    LaneLayout layout_;
    QScrollBar* scroll_;
    bool follow_ = true;
    double followLength_ = 0;
    Drag drag_ = Drag::None;
    QPoint pressed_;
    TimeWindow windowPressed_{0, 1};
    int scrollPressed_ = 0;
    QPoint dragged_;
    std::optional<double> shownCursor_;
    QPixmap lanes_, minimap_;
    bool tipShown_ = false;
    bool minimapYields_ = false;       ///< its room goes to lanes that would have to scroll otherwise
    mutable QStringList hiddenNames_;  ///< of the legend, for which there is no room
    bool lanesStale_ = true, minimapStale_ = true;
    double minimapEnd_ = 0;
};

}  // namespace rondo::ui
