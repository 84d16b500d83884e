#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/comm/virtual_time/fiber.h"
#include "engine/comm/virtual_time/sorted_runs.h"
#include "engine/control/run_control.h"
#include "engine/core/clock.h"

namespace rondo {

using FiberId = std::uint32_t;

/// Discrete-event time: the next event in order of (time, tie, order of scheduling) happens next, however
/// long the real work between events takes. Nothing depends on the machine, so a run repeats bit for bit.
///
/// Thread: everything on the one thread that calls run(), but for what RunControl lets in: pace, pause and
/// stop.
class Scheduler {
  public:
    /// `control` may be null (no pacing, no pause). Time begins at `start`.
    explicit Scheduler(RunControl* control = nullptr, Picoseconds start = Picoseconds{0})
        : control_(control), now_(start) {}
    ~Scheduler();

    Picoseconds now() const { return now_; }
    bool slowed() const { return paceSpeed_ > 0 && paceSpeed_ < 1; }

    /// A new fiber, ready at the present time. `name` is used in deadlock messages.
    FiberId spawn(std::function<void()> body, std::string name);
    /// Runs until every fiber has returned; rethrows the first exception of a fiber after all others were
    /// cancelled. Fibers that can never go on are a Deadlock error that names each with what it waits for.
    void run();

    // From inside a fiber.
    FiberId current() const { return current_; }
    /// Goes on at `time` (not before now). `tie` orders equal times: use the rank.
    void sleepUntil(Picoseconds time, std::int32_t tie);
    /// What a fiber waits for that has handed its work to another of its rank.
    static constexpr std::string_view kOwnLane = "its own communication lane";
    /// Stops until wake(); `waitingFor` is what a deadlock message says, evaluated only then. Throws
    /// Cancelled.
    void suspend(const std::function<std::string()>& waitingFor);
    /// Parks the fiber until `open()`; asked again after every command of the control. Throws Cancelled.
    void parkUntil(const std::function<bool()>& open);

    // From fibers and events.
    /// The suspended fiber goes on at `time`. Once per suspend.
    void wakeAt(Picoseconds time, std::int32_t tie, FiberId fiber);
    /// Calls `target.happen(argument)` at `time`.
    class Target {
      public:
        virtual void happen(std::uint32_t argument) = 0;

      protected:
        ~Target() = default;
    };
    void callAt(Picoseconds time, std::int32_t tie, Target& target, std::uint32_t argument);

    /// Every suspended or later suspending fiber throws Cancelled. Any thread.
    void cancel();
    std::uint64_t eventsHandled() const { return handled_; }

  private:
    struct Event {
        std::int64_t time;
        std::uint64_t tieAndOrder;  // one number to compare: the tie in the upper 16 bits
        Target* target;             // null: wake a fiber
        std::uint32_t argument;
        bool operator>(const Event& other) const {
            return time != other.time ? time > other.time : tieAndOrder > other.tieAndOrder;
        }
    };
    struct Activity {
        std::unique_ptr<Fiber> fiber;
        std::string name;
        const std::function<std::string()>* waitingFor = nullptr;
        const std::function<bool()>* parkedUntil = nullptr;
    };

    void push(Picoseconds time, std::int32_t tie, Target* target, std::uint32_t argument);
    void resume(FiberId id);
    void stopCurrent();
    void paceTo(Picoseconds time);
    void unpark();
    void obeyCommands();
    void idle();
    void unwind();

    RunControl* control_;
    Picoseconds now_{0};
    FiberId current_ = 0;
    std::vector<Activity> activities_;
    SortedRuns<Event> events_;  // earliest first
    std::uint64_t order_ = 0, handled_ = 0;
    std::size_t alive_ = 0, parked_ = 0;
    std::atomic<bool> cancelled_ = false;
    std::exception_ptr failure_;

    // Pacing: `paceFrom_` in virtual time was at `paceStart_` on the wall, at `paceSpeed_`.
    double paceSpeed_ = 0;
    Picoseconds paceFrom_{0};
    std::chrono::steady_clock::time_point paceStart_;
    std::uint64_t commandsSeen_ = 0;
};

}  // namespace rondo
