#pragma once

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "engine/events/event_sink.h"
#include "engine/events/recording.h"

namespace rondo::cli {

/// Whoever watches through the room, while there is one. Thread: any.
class Watchers {
  public:
    /// From now on these; null: nobody.
    void are(EventSink* viewers);
    /// Changes with every call of `are`.
    std::uint64_t generation() const;
    /// Nothing, unless they are still those of `generation`.
    void publish(std::span<const Event> batch, std::uint64_t generation);

  private:
    mutable std::shared_mutex mutex_;
    EventSink* viewers_ = nullptr;
    std::uint64_t generation_ = 0;
};

/// Where the events of one run go: to its recording, to those who have watched from its beginning, to the
/// window. The recording is closed before the window hears of the end: what went wrong with it can still be
/// told, and the file is whole when the window opens it.
class RunEvents final : public EventSink {
  public:
    RunEvents(EventSink& window, Watchers& watchers, std::unique_ptr<Recorder> recorder)
        : window_(window),
          watchers_(watchers),
          watched_(watchers.generation()),
          recorder_(std::move(recorder)) {}
    using EventSink::publish;
    std::uint64_t dropped() const override;
    void publish(std::span<Event> batch) override;

  private:
    EventSink& window_;
    Watchers& watchers_;
    const std::uint64_t watched_;
    const std::unique_ptr<Recorder> recorder_;
};

/// Where the events of a room go: what is news of its members to the window and to who watches, what its
/// ranks tell to the run over it. Thread: any.
class RoomEvents final : public EventSink {
  public:
    RoomEvents(EventSink& window, Watchers& watchers) : window_(window), watchers_(watchers) {}
    /// The run over the members; null: none, and what is still told of the last one is told to nobody.
    void setRun(EventSink* run);
    /// Whoever comes while the room is being opened is told of once it is open, after that.
    void hold();
    void letGo();
    using EventSink::publish;
    std::uint64_t dropped() const override;
    void publish(std::span<Event> batch) override;

  private:
    EventSink& window_;
    Watchers& watchers_;
    mutable std::shared_mutex mutex_;
    EventSink* run_ = nullptr;
    bool held_ = false;
    std::vector<Event> waiting_;
};

}  // namespace rondo::cli
