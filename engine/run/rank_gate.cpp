#include "engine/run/rank_gate.h"

namespace rondo {

RankGate::RankGate(Tell tell, std::function<Nanoseconds()> hostNow, const BeginWorld& world)
    : tell_(std::move(tell)),
      hostNow_(std::move(hostNow)),
      runBegan_(world.runBegan),
      stoodStill_(world.stoodStill.count()),
      upTo_(world.firstStep.value - 1) {}

void RankGate::throwIfOver() const {
    if (over_) throw CommError(CommError::Kind::Cancelled, *over_);
}

bool RankGate::enterStep(Step step) {
    std::unique_lock lock(mutex_);
    throwIfOver();
    if (step.value > upTo_ && !end_) {
        lock.unlock();
        beforeWaits_();
        tell_(StandsBefore{step});
        lock.lock();
        changed_.wait(lock, [&] { return over_ || end_ || step.value <= upTo_; });
        throwIfOver();
    }
    return step.value <= upTo_;
}

void RankGate::meet(AtMeeting meeting) {
    {
        const std::lock_guard lock(mutex_);
        meetingOver_ = false;
    }
    beforeWaits_();
    tell_(std::move(meeting));
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return over_ || meetingOver_; });
    throwIfOver();
}

void RankGate::idle(Nanoseconds duration) {
    beforeWaits_();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, duration, [&] { return over_.has_value(); });
    throwIfOver();
}

Nanoseconds RankGate::now() const {
    const Nanoseconds::rep measured =
        (hostNow_() - runBegan_).count() - stoodStill_.load(std::memory_order_acquire);
    // The estimate of the host's clock may be set back by a better one; the time of a run never is.
    Nanoseconds::rep latest = latest_.load(std::memory_order_relaxed);
    while (latest < measured && !latest_.compare_exchange_weak(latest, measured, std::memory_order_relaxed)) {
    }
    return Nanoseconds{std::max(latest, measured)};
}

void RankGate::take(const GoOn& order) {
    {
        const std::lock_guard lock(mutex_);
        upTo_ = std::max(upTo_, order.upTo.value);
        end_ = end_ || order.end;
        stoodStill_.store(order.stoodStill.count(), std::memory_order_release);
    }
    changed_.notify_all();
}

void RankGate::take(const MeetingOver& order) {
    {
        const std::lock_guard lock(mutex_);
        meetingOver_ = true;
        stoodStill_.store(order.stoodStill.count(), std::memory_order_release);
    }
    changed_.notify_all();
}

void RankGate::cancel(const std::string& why) {
    {
        const std::lock_guard lock(mutex_);
        if (!over_) over_ = why;
    }
    changed_.notify_all();
}

}  // namespace rondo
