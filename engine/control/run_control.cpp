#include "engine/control/run_control.h"

#include <algorithm>
#include <utility>

namespace rondo {

RunControl::RunControl(int worldSize, bool virtualTime)
    : crossed_(static_cast<std::size_t>(worldSize), -1), virtualTime_(virtualTime) {}

std::int32_t RunControl::firstUncrossed() const {
    return *std::max_element(crossed_.begin(), crossed_.end()) + 1;
}

void RunControl::announce(RunState becomes) {
    announce();
    if (listener_) listener_(becomes);
}

void RunControl::announce() {
    commands_.fetch_add(1, std::memory_order_release);
    changed_.notify_all();
}

void RunControl::pause() {
    const std::lock_guard lock(mutex_);
    if (virtualTime_)
        frozen_ = true;
    else
        pauseAt_ = std::min(pauseAt_, firstUncrossed());
    announce(RunState::Paused);
}

void RunControl::resume() {
    const std::lock_guard lock(mutex_);
    frozen_ = false;
    pauseAt_ = kNever;
    announce(RunState::Running);
}

void RunControl::stepOnce() {
    const std::lock_guard lock(mutex_);
    // Frozen in the middle of a step, "one step" means to its end; at a border, to the next one.
    const bool midStep =
        frozen_ && *std::min_element(crossed_.begin(), crossed_.end()) >= 0 && pauseAt_ == kNever;
    pauseAt_ = midStep ? firstUncrossed() : firstUncrossed() + 1;
    frozen_ = false;
    announce(RunState::Paused);
}

void RunControl::stop() {
    const std::lock_guard lock(mutex_);
    stop_.request_stop();
    stopAt_ = std::min(stopAt_, firstUncrossed());
    frozen_ = false;
    pauseAt_ = kNever;
    speed_ = 0;
    announce(RunState::Stopping);
}

void RunControl::endAtNextBorder() {
    const std::lock_guard lock(mutex_);
    stopAt_ = std::min(stopAt_, firstUncrossed());
    announce();
}

void RunControl::setSpeed(double factor) {
    const std::lock_guard lock(mutex_);
    speed_ = std::max(0.0, factor);
    announce();
}

void RunControl::listen(std::function<void(RunState)> listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
    if (!listener_) return;
    listener_(stop_.stop_requested()          ? RunState::Stopping
              : frozen_ || pauseAt_ != kNever ? RunState::Paused
                                              : RunState::Running);
}

RunControl::Gate RunControl::tryEnter(Rank rank, Step step) {
    const std::lock_guard lock(mutex_);
    if (step.value >= stopAt_) return Gate::End;
    if (step.value >= pauseAt_) return Gate::Closed;
    crossed_[rank.index()] = step.value;
    return Gate::Open;
}

void RunControl::waitForCommand(std::uint64_t seen) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return commands_.load() != seen; });
}

bool RunControl::waitForCommandUntil(std::uint64_t seen, std::chrono::steady_clock::time_point due) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, due, [&] { return commands_.load() != seen; });
}

void RunControl::wakeAll() {
    const std::lock_guard lock(mutex_);
    announce();
}

bool RunControl::paused() const {
    const std::lock_guard lock(mutex_);
    return frozen_ || pauseAt_ != kNever;
}

}  // namespace rondo
