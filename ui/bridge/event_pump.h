#pragma once

#include <QObject>
#include <QTimer>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/events/recording.h"
#include "ui/store/run_store.h"

namespace rondo::ui {

/// The one place where engine events meet Qt: takes bytes of an event stream, or decoded events, as they
/// come, and hands the store one batch per frame. The timer runs only while something waits. Thread: GUI
/// only.
class EventPump final : public QObject {
    Q_OBJECT
  public:
    static constexpr int kFrameMs = 16;
    /// So that a frame stays a frame when a whole recording waits; the rest comes with the next ones.
    static constexpr std::size_t kMostPerFrame = 60'000;

    explicit EventPump(RunStore& store, QObject* parent = nullptr);

    /// Bytes of a `.rondo` stream, in pieces of any size.
    void feed(std::span<const char> bytes);
    void take(std::span<const Event> events);
    /// What is under way at `now`, run seconds, for those who know it: a player. Reaches the store with the
    /// events that came before.
    void take(double now, std::vector<Span> underWay);
    /// A new stream of bytes begins; damage of the one before is forgotten. What was decoded already still
    /// counts.
    void restartStream();
    /// Forgets what has not reached the store.
    void discardWaiting();
    /// Hands over everything that waits, now.
    void flush();
    bool damaged() const { return damaged_; }
    std::size_t waiting() const { return waiting_.size() - taken_; }

  Q_SIGNALS:
    /// Once per stream: what comes can't be read from here on. What came before still reaches the store.
    void damagedStream(const QString& problem);
    /// The store has everything that came; more may be taken right now.
    void drained();
    /// Of a stream of bytes: what is about the room and its members, as it comes. It has a store of its own,
    /// which no frame and no new run holds up.
    void roomNews(const std::vector<rondo::Event>& events);

  private:
    void handOver();
    void wake();

    RunStore& store_;
    BlockReader reader_;
    std::vector<Event> waiting_;
    std::size_t taken_ = 0;  ///< of `waiting_`, already in the store
    QTimer frame_;
    bool damaged_ = false;
    std::optional<std::pair<double, std::vector<Span>>> underWay_;
};

}  // namespace rondo::ui
