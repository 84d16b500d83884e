#pragma once

#include <QAbstractScrollArea>
#include <QPixmap>

#include "ui/draw/schedule_layout.h"
#include "ui/draw/theme.h"
#include "ui/draw/time_window.h"
#include "ui/store/race.h"

namespace rondo::ui {

/// Schedules under one another on one axis of time, with a clock: left of it what is done, right of it,
/// faded, what is to come; beside each what it has come to by then. The clock is dragged with the mouse;
/// keys: left and right to where something begins or ends, Home and End, W and S zoom, A and D pan, F shows
/// all, Return plays. Thread: GUI only.
class ScheduleView final : public QAbstractScrollArea {
    Q_OBJECT
  public:
    explicit ScheduleView(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// The clock goes to their end, and all is shown.
    void setRacers(std::vector<Racer> racers);
    const std::vector<Racer>& racers() const { return racers_; }
    /// Lines for each racer under its figures: formulas, what was measured.
    void setNotes(QStringList notes);

    double clock() const { return clock_; }
    void setClock(double seconds);  ///< cut to 0 … end()
    double end() const { return end_; }
    const TimeWindow& window() const { return window_; }
    void showAll();

    ScheduleLayout layout() const;  ///< content coordinates: see toContent
    QPointF toContent(QPointF viewportPoint) const;
    QString tipAt(QPointF viewportPoint) const;
    /// How tall it would like to be for lanes with readable numbers.
    int comfortableHeight() const;
    QSize sizeHint() const override { return {900, 220}; }
    QSize minimumSizeHint() const override;
    /// Everything it shows, drawn at this width, as tall as it takes.
    QImage picture(int width, double scale) const;

  Q_SIGNALS:
    /// By the person's hand or keys, not by setClock().
    void clockTaken();
    void playWanted();
    /// `racer` −1: beside all of them.
    void menuWanted(int racer, QPoint globalPosition);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

  private:
    struct Gauge {
        double share = 0, mark = -1;  ///< of the bar's width; mark < 0: none
        QString text;
        bool hatched = false;
    };
    ScheduleLayout::Sizes sizes() const;
    double axisHeight() const;
    double headHeight() const;  ///< where the first schedule begins
    double lineHeight() const;
    bool longNames() const;
    double barWidth() const;
    double bubbleWidth() const;  ///< of the column of bubbles
    double heldWidth() const;    ///< of the column of activations
    double xOf(double seconds) const;
    double secondsAt(double x) const;
    void look();  ///< something that is drawn has changed
    void fitScrollBar();
    void zoom(double factor, double at);
    void pan(double share);
    void take(double seconds);
    void takeAt(double x);
    void paintLanes(QPainter& painter, const ScheduleLayout& layout, double top) const;
    void paintLive(QPainter& painter, const ScheduleLayout& layout, double top, double bottom) const;
    void paintAxis(QPainter& painter, const ScheduleLayout& layout) const;
    void paintLegend(QPainter& painter, const QRectF& room) const;
    void paintWords(QPainter& painter, int racer, const QRectF& room) const;
    void paintGauge(QPainter& painter, const QRectF& room, double barWidth, const Gauge& gauge) const;
    Gauge bubbleOf(const StageMoment& moment) const;
    Gauge bubbleOf(const StageMoment& moment, const Racer& racer) const;  ///< with what theory says
    Gauge memoryOf(const StageMoment& moment, double most, bool words) const;

    Theme theme_ = Theme::light();
    std::vector<Racer> racers_;
    std::vector<int> places_;
    QStringList notes_;
    double clock_ = 0, end_ = 0, mostHeld_ = 0, mostHeldInAll_ = 0;
    int racing_ = 0, chunks_ = 0;  ///< how many can go; chunks of a stage at most
    TimeWindow window_;
    QPixmap lanes_;  ///< of what is seen now; null: to be drawn again
    bool dragging_ = false;
};

}  // namespace rondo::ui
