#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <vector>

#include "ui/bridge/event_pump.h"

namespace rondo::ui {

/// Plays a recording into the store through the pump, the way a live run arrives: what is due goes to the
/// pump a frame's worth at a time, so that the recording is in memory once. Spans are recorded at their end;
/// the player knows them while they last, and says so. Thread: GUI only.
class Player final : public QObject {
    Q_OBJECT
  public:
    explicit Player(EventPump& pump, QObject* parent = nullptr);

    /// In the order of run time (sortByTime). Nothing is shown yet.
    void load(std::vector<Event> events);
    bool loaded() const { return !events_.empty(); }

    void showAll();
    void rewind();  ///< to the start: the run is there, nothing has happened
    void play();    ///< from the start when at the end
    void pause();
    void step();  ///< to the end of the next step, then pause
    /// Run seconds per second; 0 = everything at once.
    void setSpeed(double factor);

    bool playing() const { return frame_.isActive(); }
    bool atEnd() const { return due_ == events_.size(); }
    double duration() const;  ///< run seconds of the whole recording

  Q_SIGNALS:
    void changed();

  private:
    void advance();
    void giveUpTo(std::size_t end);
    void refill();
    void tellUnderWay();
    double secondsOfEvent(std::size_t index) const;

    EventPump& pump_;
    std::vector<Event> events_;
    std::size_t due_ = 0;    ///< events before this one have happened
    std::size_t given_ = 0;  ///< events before this one are with the pump; at most due_
    double position_ = 0, speed_ = 1;
    QTimer frame_;
    QElapsedTimer sinceFrame_;
};

}  // namespace rondo::ui
