#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "engine/events/event_sink.h"

namespace rondo {

/// The bounded queue between a run and one reader. Double-buffered: producers append under a short lock, the
/// reader takes everything at once. When `capacity` events wait, further samples are counted instead of kept,
/// and the reader finds one EventsDropped with that count in its next batch, at the place of the first gap
/// (single messages, of which there are most by far, are counted when half of it is full); the same for
/// evaluations and decision boundaries when so many of these wait that only a reader who stands still can be
/// the cause; transitions are kept always (they are few); a gauge takes the place of the one that waits.
///
/// Thread: publish from any; drain and wait from one reader.
class EventQueue final : public EventSink {
  public:
    /// `onReadable` is called once per empty → non-empty, on a producer's thread, outside the lock.
    explicit EventQueue(std::size_t capacity, std::function<void()> onReadable = {});

    using EventSink::publish;
    void publish(std::span<Event> batch) override;

    /// Everything that waits, oldest first; `batch` is cleared and its storage reused.
    void drain(std::vector<Event>& batch);
    /// Blocks until something waits, or the time is over, or close() was called; false once closed and empty.
    bool wait(std::chrono::milliseconds atMost);
    /// No more will come: wakes the reader. What is published afterwards is ignored.
    void close();

    std::uint64_t dropped() const override;
    std::size_t waiting() const;

  private:
    bool roomFor(const Event& event);
    void append(Event& event);
    void countDropped(const Event& event);

    mutable std::mutex mutex_;
    std::condition_variable readable_;
    std::vector<Event> events_;
    // Places in events_ of what later events of their kind are merged into; gone with each drain.
    std::optional<std::size_t> gaugeAt_, droppedAt_;
    std::size_t evaluations_ = 0, boundaries_ = 0;  // that wait
    std::size_t capacity_;
    std::uint64_t droppedEver_ = 0;
    bool closed_ = false;
    std::function<void()> onReadable_;
};

}  // namespace rondo
