#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "engine/run/rank_messages.h"

namespace rondo {

/// Where a rank in a process of its own waits for its coordinator, and its clock: the host's, less the time
/// the run stood still.
///
/// Thread: `enterStep`, `meet` and `idle` are the rank's; the others any.
class RankGate {
  public:
    using Tell = std::function<void(RankTold)>;
    /// `tell` never blocks; `hostNow` is the host's clock as far as it is known here.
    RankGate(Tell tell, std::function<Nanoseconds()> hostNow, const BeginWorld& world);

    /// What the rank does before it waits here; none unless set. Before the first step.
    void beforeWaits(std::function<void()> work) { beforeWaits_ = std::move(work); }

    /// Waits until it may begin the step; false: the run is over. Throws Cancelled once the world is over.
    bool enterStep(Step step);
    /// Waits until the evaluation is over.
    void meet(AtMeeting meeting);
    /// Lets real time pass, unless the world ends first.
    void idle(Nanoseconds duration);

    Nanoseconds now() const;

    void take(const GoOn& order);
    void take(const MeetingOver& order);
    /// Every wait, present and later, throws Cancelled.
    void cancel(const std::string& why);
    void tell(RankTold told) const { tell_(std::move(told)); }

  private:
    void throwIfOver() const;  // mutex held

    const Tell tell_;
    std::function<void()> beforeWaits_ = [] {};
    const std::function<Nanoseconds()> hostNow_;
    const Nanoseconds runBegan_;
    std::atomic<Nanoseconds::rep> stoodStill_;
    mutable std::atomic<Nanoseconds::rep> latest_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::int32_t upTo_;
    bool end_ = false, meetingOver_ = false;
    std::optional<std::string> over_;
};

}  // namespace rondo
