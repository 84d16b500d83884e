#pragma once

#include <thread>

#include "engine/events/event_queue.h"

namespace rondo::cli {

/// Writes events to a file descriptor as a .rondo stream, on a thread of its own, in blocks of about a frame.
/// A reader that is too slow loses samples (counted in the stream), never holds up the run.
class EventStream final : public EventSink {
  public:
    /// The descriptor stays the caller's. Writes the stream's header at once.
    explicit EventStream(int descriptor);
    ~EventStream() override;  ///< writes what waits
    using EventSink::publish;
    std::uint64_t dropped() const override { return queue_.dropped(); }
    void publish(std::span<Event> batch) override { queue_.publish(batch); }

  private:
    void serve();
    void write(const std::string& bytes);
    const int descriptor_;
    EventQueue queue_{1u << 16};
    bool broken_ = false;  // nobody reads any more; of the thread
    std::thread thread_;
};

}  // namespace rondo::cli
