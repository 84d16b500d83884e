#pragma once

#include <atomic>
#include <chrono>

#include "engine/core/clock.h"

namespace rondo {

/// Steady time since its making, less the time in which all ranks stood still.
class PausableClock {
  public:
    PausableClock() = default;
    /// One that stands at `from` until thaw().
    explicit PausableClock(Nanoseconds from) : frozenAt_(from.count()) {}
    Nanoseconds now() const {
        const Nanoseconds::rep frozen = frozenAt_.load(std::memory_order_acquire);
        return frozen >= 0 ? Nanoseconds(frozen) : running();
    }
    void leaveOut(Nanoseconds duration) {
        stoodStill_.fetch_add(duration.count(), std::memory_order_acq_rel);
    }
    /// Stands until thaw(), if it doesn't yet; one thread at a time.
    void freeze() {
        if (frozenAt_.load(std::memory_order_acquire) < 0)
            frozenAt_.store(running().count(), std::memory_order_release);
    }
    void thaw() {
        leaveOut(running() - Nanoseconds(frozenAt_.load(std::memory_order_acquire)));
        frozenAt_.store(-1, std::memory_order_release);
    }

  private:
    Nanoseconds running() const {
        const auto elapsed = std::chrono::steady_clock::now() - start_;
        return std::chrono::duration_cast<Nanoseconds>(elapsed) -
               Nanoseconds(stoodStill_.load(std::memory_order_acquire));
    }
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::atomic<Nanoseconds::rep> stoodStill_ = 0, frozenAt_ = -1;
};

}  // namespace rondo
