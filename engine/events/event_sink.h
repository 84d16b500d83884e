#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "engine/events/event.h"

namespace rondo {

/// Where events go. Called from any thread; never blocks on a reader and never throws: training waits for no
/// viewer. A batch is a rank's events of about one step.
class EventSink {
  public:
    virtual ~EventSink() = default;
    /// False: spans and messages need not be made for this sink. Fixed before the run starts.
    virtual bool wantsSamples() const { return true; }
    /// Samples that found no room on their way to this sink's reader, since the start. Any thread.
    virtual std::uint64_t dropped() const { return 0; }
    virtual void publish(std::span<Event> batch) = 0;  ///< may move from the events
    void publish(Event event) { publish(std::span<Event>(&event, 1)); }
};

/// Hands every batch to several sinks in turn, without the spans and messages for those that want none. The
/// list is fixed before the run starts.
class FanOut final : public EventSink {
  public:
    explicit FanOut(std::vector<EventSink*> sinks) : sinks_(std::move(sinks)) {}
    using EventSink::publish;
    bool wantsSamples() const override {
        return std::any_of(sinks_.begin(), sinks_.end(),
                           [](const EventSink* sink) { return sink->wantsSamples(); });
    }
    std::uint64_t dropped() const override {
        std::uint64_t sum = 0;
        for (const EventSink* sink : sinks_) sum += sink->dropped();
        return sum;
    }
    void publish(std::span<Event> batch) override;

  private:
    std::vector<EventSink*> sinks_;
};

}  // namespace rondo
