#pragma once

#include <gloo/transport/unbound_buffer.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/core/function_ref.h"

namespace rondo {

using GlooBuffer = gloo::transport::UnboundBuffer;

/// Wakes waits from time to time, so that they can look around. Gloo's own time limit is no help there: it
/// closes every connection of the group, while an aborted wait only returns and leaves its message on its
/// way.
class Watchdog {
  public:
    using Time = std::chrono::steady_clock::time_point;
    /// What it watches: called on its thread; says when to be called next (Time::max(): when called for).
    using Look = std::function<Time(Time now)>;

    explicit Watchdog(std::vector<Look> looks);
    ~Watchdog();
    /// Somebody waits and wants a look at that time.
    void expect(Time at);

  private:
    void watch();
    std::vector<Look> looks_;
    std::atomic<Time::rep> sleepsUntil_ = 0;  ///< 0: awake
    std::mutex mutex_;
    std::condition_variable called_;
    bool pending_ = false, ending_ = false;
    std::thread thread_;
};

/// The waits of one lane, at most one at a time. Thread: await() belongs to the lane's; the rest to any.
class WatchedWait {
  public:
    using Time = Watchdog::Time;
    enum class Outcome { Done, Cancelled, Deadline, Gone };
    enum class Direction { Send, Receive };

    /// Until the operation of the buffer is complete, or it is `due`, or twice `hopeless` lets it go: between
    /// the two what has arrived by then is still found. What isn't complete is on its way afterwards, and the
    /// buffer has to stay. `peer`: who it was, in Gloo's count.
    Outcome await(GlooBuffer& buffer, Direction direction, int* peer, Time due, FunctionRef<bool()> hopeless);
    /// What Gloo said when the outcome was Gone; empty when it said nothing.
    const std::string& words() const { return words_; }

    void attach(Watchdog& watchdog) { watchdog_ = &watchdog; }
    Time look(Time now);
    void cancel();
    bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }

  private:
    void wake();
    Watchdog* watchdog_ = nullptr;
    std::mutex mutex_;
    GlooBuffer* buffer_ = nullptr;  // under mutex_, as are the two below
    Direction direction_ = Direction::Send;
    Time lookAt_;
    std::atomic<bool> cancelled_ = false;
    std::string words_;
};

}  // namespace rondo
