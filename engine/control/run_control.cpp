#include "engine/control/run_control.h"

#include <algorithm>
#include <utility>

namespace rondo {

RunControl::RunControl(int workers, bool virtualTime)
    : crossed_(static_cast<std::size_t>(workers), -1),
      pauseAt_(crossed_.size(), kNever),
      stopAt_(crossed_.size(), kNever),
      virtualTime_(virtualTime) {}

void RunControl::makeIndependent() {
    const std::lock_guard lock(mutex_);
    independent_ = true;
}

std::int32_t RunControl::nextBorder(std::size_t rank) const {
    // In lock-step, the first that no rank has crossed yet.
    return (independent_ ? crossed_[rank] : *std::max_element(crossed_.begin(), crossed_.end())) + 1;
}

void RunControl::limit(std::vector<std::int32_t>& at, std::int32_t further) {
    for (std::size_t rank = 0; rank < at.size(); ++rank)
        at[rank] = std::min(at[rank], nextBorder(rank) + further);
}

bool RunControl::pauses() const {
    return pauseAt_.front() != kNever;
}

void RunControl::announce(RunState becomes) {
    announce();
    if (listener_) listener_(becomes);
}

void RunControl::announce() {
    commands_.fetch_add(1, std::memory_order_release);
    changed_.notify_all();
    if (wake_) wake_();
}

void RunControl::beginWorld(int workers, Step next) {
    const std::lock_guard lock(mutex_);
    const auto earliest = [](const std::vector<std::int32_t>& at) {
        return *std::min_element(at.begin(), at.end());
    };
    const auto n = static_cast<std::size_t>(workers);
    const std::int32_t pauseAt = earliest(pauseAt_), stopAt = earliest(stopAt_);
    crossed_.assign(n, next.value - 1);
    pauseAt_.assign(n, pauseAt);
    stopAt_.assign(n, stopAt);
}

void RunControl::wakeOnCommand(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
}

void RunControl::pause() {
    const std::lock_guard lock(mutex_);
    if (virtualTime_)
        frozen_ = true;
    else
        limit(pauseAt_);
    announce(RunState::Paused);
}

void RunControl::resume() {
    const std::lock_guard lock(mutex_);
    frozen_ = false;
    pauseAt_.assign(pauseAt_.size(), kNever);
    announce(RunState::Running);
}

void RunControl::stepOnce() {
    const std::lock_guard lock(mutex_);
    // Frozen in the middle of a step, "one step" means to its end; at a border, to the next one.
    const bool midStep = frozen_ && *std::min_element(crossed_.begin(), crossed_.end()) >= 0 && !pauses();
    pauseAt_.assign(pauseAt_.size(), kNever);
    limit(pauseAt_, midStep ? 0 : 1);
    frozen_ = false;
    announce(RunState::Paused);
}

void RunControl::stop() {
    const std::lock_guard lock(mutex_);
    stop_.request_stop();
    limit(stopAt_);
    frozen_ = false;
    pauseAt_.assign(pauseAt_.size(), kNever);
    speed_ = 0;
    announce(RunState::Stopping);
}

void RunControl::endAtNextBorder() {
    const std::lock_guard lock(mutex_);
    limit(stopAt_);
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
    listener_(stop_.stop_requested() ? RunState::Stopping
              : frozen_ || pauses()  ? RunState::Paused
                                     : RunState::Running);
}

bool RunControl::saveCheckpoint(std::string file) {
    const std::lock_guard lock(mutex_);
    if (savingOver_) return false;
    wish(std::move(file));
    announce();  // ranks that stand at a border owe it at once
    return true;
}

void RunControl::wish(std::string file) {
    if (saves_)
        saves_->add(Step{nextBorder(0)}, std::move(file));
    else if (wished_)
        wished_(file);
    else
        wishes_.push_back(std::move(file));
}

void RunControl::saveAtBorders(Step first, std::int64_t every, std::string file,
                               std::function<void(Rank, const Save&)> give) {
    const std::lock_guard lock(mutex_);
    saves_.emplace(static_cast<int>(crossed_.size()), first, every, std::move(file));
    give_ = std::move(give);
    for (std::string& waiting : std::exchange(wishes_, {})) wish(std::move(waiting));
}

void RunControl::listenToSaves(std::function<void(const std::string& file)> wished) {
    const std::lock_guard lock(mutex_);
    wished_ = std::move(wished);
    for (std::string& waiting : std::exchange(wishes_, {})) wish(std::move(waiting));
}

void RunControl::saved(const Save& save) {
    const std::lock_guard lock(mutex_);
    if (saves_) saves_->done(save.number);
}

std::vector<Save> RunControl::stopSaving() {
    const std::lock_guard lock(mutex_);
    std::vector<Save> open;
    if (saves_) open.assign(saves_->open().begin(), saves_->open().end());
    savingOver_ = true;
    saves_.reset();
    give_ = {};
    wished_ = {};
    return open;
}

RunControl::Gate RunControl::tryEnter(Rank rank, Step step) {
    std::unique_lock lock(mutex_);
    while (const auto save = saves_ ? saves_->next(rank, step) : std::nullopt) {
        const auto give = give_;
        lock.unlock();  // states may be large, and others come to the border too
        give(rank, *save);
        lock.lock();
    }
    if (step.value >= stopAt_[rank.index()]) return Gate::End;
    if (step.value >= pauseAt_[rank.index()]) return Gate::Closed;
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

void RunControl::inject(const FaultSpec& fault) {
    const std::lock_guard lock(faultMutex_);
    if (faultListener_) faultListener_(fault);
}

void RunControl::listenToFaults(std::function<void(const FaultSpec&)> listener) {
    const std::lock_guard lock(faultMutex_);
    faultListener_ = std::move(listener);
}

void RunControl::wakeAll() {
    const std::lock_guard lock(mutex_);
    announce();
}

bool RunControl::paused() const {
    const std::lock_guard lock(mutex_);
    return frozen_ || pauses();
}

}  // namespace rondo
