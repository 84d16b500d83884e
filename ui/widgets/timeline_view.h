#pragma once

#include <QPixmap>
#include <QStringList>
#include <QWidget>
#include <functional>
#include <memory>
#include <optional>

#include "ui/draw/fault_layout.h"
#include "ui/draw/lane_layout.h"
#include "ui/draw/theme.h"
#include "ui/draw/time_window.h"
#include "ui/store/area_sums.h"
#include "ui/store/fault_times.h"
#include "ui/store/focus.h"
#include "ui/store/message_path.h"
#include "ui/store/stage_history.h"

class QScrollBar;

namespace rondo::ui {

class LanePainter;

/// What every rank did when: a lane for its computation and one for its communication, spans as named boxes,
/// waiting hatched, spans too narrow to draw as a zig-zag with their count. While a run is live the last few
/// steps are shown; zooming or panning stops that, End starts it again. Painting costs in proportion to
/// pixels: lanes are drawn once into a picture, the cursor over it. Who is struck by a fault has a mark on
/// its lanes for as long as it lasts, a link on the network lanes of both its ends.
///
/// Of a pipeline's stages, what the schedule would be ideally stands above the lane, and what the stage keeps
/// below it; bubbles are hatched, and their shares stand beside the names.
///
/// Keys: wheel zoom at the pointer, drag pan, Shift+drag selects an area and sums it up, F the area, then
/// all, W/S zoom and A/D pan (by place on the keyboard), `,` and `.` to the span before and after the one
/// that was clicked (with none: from step to step), `[` and `]` along a message to the span that sent it and
/// to the one it was for, Home start, End follow, Esc clears. Thread: GUI only.
class TimelineView final : public QWidget {
    Q_OBJECT
  public:
    TimelineView(const RunStore& store, Focus& focus, QWidget* parent = nullptr);
    ~TimelineView() override;
    void setTheme(const Theme& theme);
    /// While there is nothing to show: whether it will come when the person here presses Run.
    void setInvites(bool toRun);
    void zoomToAll();
    void follow();
    bool following() const { return follow_; }
    const TimeWindow& window() const { return window_; }
    /// The area that is selected, run seconds.
    const std::optional<TimeWindow>& area() const { return area_; }
    void selectArea(std::optional<TimeWindow> area);
    /// The span that was clicked, or gone to by key.
    const std::optional<PlacedSpan>& chosen() const { return chosen_; }
    const StageHistory& stages() const { return stages_; }
    /// Where a part of a rank's row lies in the widget, and a stretch of time in it; empty when it isn't
    /// shown. May lie outside of what is in sight.
    QRectF placeOf(int rank, Lane lane, RowPart part = RowPart::Lane) const;
    QRectF placeOf(const PlacedSpan& span, RowPart part = RowPart::Lane) const;
    QString tipAt(QPoint point) const;
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

    int gutter() const { return gutter_; }  ///< width of the names at the left
    int neededGutter() const;
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
    QString spanTipAt(QPoint point, const SpanLane& lane) const;
    QString stageTipAt(QPoint point) const;  ///< of everything that only stages have
    QString idleTip(const SpanLane& lane, double seconds) const;
    QString forgottenWords() const { return tr("Earlier spans are no longer kept"); }
    const SpanLane* laneAt(int y) const;
    const LaneSpan* spanAt(QPoint point) const;
    double contentEnd() const;
    int rowUnder(int y) const;  ///< kNone: none
    double xOf(double seconds) const;

    void choose(std::optional<PlacedSpan> span);
    void goTo(const PlacedSpan& span);  ///< chooses it, and brings it in sight
    void goBy(int by);                  ///< spans of a lane, or else steps
    void goAlong(bool forth);           ///< a message
    void endAreaDrag(QPoint at);
    bool clearSelection();
    void sumUpArea();
    QString chosenWords() const;

    void paintGhosts(QPainter& painter) const;
    void paintIdle(QPainter& painter) const;
    void paintMemory(QPainter& painter) const;
    void paintStageHead(QPainter& painter, const LaneRow& row, double top, double bottom) const;
    void paintArea(QPainter& painter) const;
    void paintAreaSums(QPainter& painter) const;
    void paintChosen(QPainter& painter) const;
    void paintMessage(QPainter& painter, const Message& message) const;
    int stageGutter() const;

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
    bool invites_ = true;
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

    int gutter_ = 0;
    std::unique_ptr<LanePainter> lanePainter_;  ///< of this theme and pixel ratio
    double painterRatio_ = 0;
    StageHistory stages_;
    BubbleShares bubbles_;  ///< of what is in sight
    std::optional<TimeWindow> area_;
    AreaSums areaSums_;
    std::vector<AreaSums::OfRank> areaRows_;
    std::optional<PlacedSpan> chosen_;
    std::optional<Message> sent_, received_;  ///< by what was chosen
};

}  // namespace rondo::ui
