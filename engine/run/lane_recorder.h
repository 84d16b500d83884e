#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/comm/runtime.h"
#include "engine/events/event_sink.h"

namespace rondo {

/// Numbers the events of one producer: a rank, whichever of its lanes makes them, or the run itself (rank
/// −1).
struct EventSequence {
    std::uint32_t run = 0;
    Rank rank;
    std::atomic<std::uint64_t> next = 0;
    std::atomic<Nanoseconds::rep> last = 0;
    Stamp stamp(Nanoseconds at) {
        last.store(at.count(), std::memory_order_relaxed);
        return {run, rank, next.fetch_add(1, std::memory_order_relaxed), at};
    }
    /// For events from outside the run, whose clock may be read by its own threads only: at the time of the
    /// event before.
    Stamp stampAfterLast() { return stamp(Nanoseconds(last.load(std::memory_order_relaxed))); }
};

/// Measures what one lane of a rank does: exact seconds by phase always, spans and messages as events when
/// somebody wants them. Events are handed on in batches; one by one while the run's time is slowed for
/// somebody to watch. Belongs to its lane.
class LaneRecorder final : public DeliveryObserver {
  public:
    LaneRecorder(Runtime& runtime, EventSequence& sequence, Lane lane, EventSink& sink)
        : runtime_(runtime), sequence_(sequence), lane_(lane), sink_(sink), wanted_(sink.wantsSamples()) {}

    /// The step and bucket of what comes.
    void at(std::int32_t step, std::int32_t bucket = kNone) {
        step_ = step;
        bucket_ = bucket;
    }
    /// The micro-batch and model chunk of what comes; kNone: of no one in particular.
    void onMicroBatch(std::int32_t microBatch, std::int32_t chunk) {
        microBatch_ = microBatch;
        chunk_ = chunk;
    }
    /// Whose message the waits that come are for.
    void awaits(Rank peer) { awaited_ = peer; }

    /// Does `work` and notes it as a span of that phase.
    template <class Work>
    void span(Phase phase, Work&& work, bool fused = false) {
        const Picoseconds begin = runtime_.now();
        work();
        record(phase, begin, runtime_.now(), fused);
    }
    void record(Phase phase, Picoseconds begin, Picoseconds end, bool fused = false);
    void delivered(const Delivery& delivery) override;
    void flush();

    const std::array<double, kPhases>& seconds() const { return seconds_; }
    /// Before the first span: measures on where another one ended.
    void goOn(const std::array<double, kPhases>& seconds) { seconds_ = seconds; }
    /// Payload bytes that came from the ranks from `countFrom_` on.
    std::int64_t receivedBytes() const { return receivedBytes_; }
    void countReceivedFrom(Rank first) { countFrom_ = first; }

  private:
    Runtime& runtime_;
    EventSequence& sequence_;
    const Lane lane_;
    EventSink& sink_;
    const bool wanted_;
    std::int32_t step_ = kNone, bucket_ = kNone, microBatch_ = kNone, chunk_ = kNone;
    Rank awaited_{kNone};
    std::array<double, kPhases> seconds_{};
    Rank countFrom_{std::numeric_limits<std::int32_t>::max()};
    std::int64_t receivedBytes_ = 0;
    std::vector<Event> waiting_;
};

}  // namespace rondo
