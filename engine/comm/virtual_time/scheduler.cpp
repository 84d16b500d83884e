#include "engine/comm/virtual_time/scheduler.h"

#include <algorithm>

#include "engine/comm/communicator.h"

namespace rondo {

namespace {
// LibTorch's convolutions need some depth; untouched pages cost address space only.
constexpr std::size_t kStackBytes = 512 * 1024;
}  // namespace

Scheduler::~Scheduler() = default;

void Scheduler::push(Picoseconds time, std::int32_t tie, Target* target, std::uint32_t argument) {
    if (time > kLongestRun)
        throw CommError(CommError::Kind::TimeOver,
                        "virtual time would pass 50 days, the most a run may take: fewer steps, a faster "
                        "device or a faster link would end before");
    constexpr int kOrderBits = 48;
    const auto rank = static_cast<std::uint64_t>(tie) << kOrderBits;
    events_.push({std::max(time, now_).count(), rank | order_++, target, argument});
}

FiberId Scheduler::spawn(std::function<void()> body, std::string name) {
    const auto id = static_cast<FiberId>(activities_.size());
    auto fiber = std::make_unique<Fiber>(
        [this, body = std::move(body)] {
            try {
                if (!cancelled_) body();
            } catch (...) {
                // The others fail because of the first; what they say would hide it.
                if (!failure_ && !cancelled_) failure_ = std::current_exception();
                cancelled_ = true;
            }
        },
        kStackBytes);
    activities_.push_back({std::move(fiber), std::move(name)});
    ++alive_;
    push(now_, static_cast<std::int32_t>(id), nullptr, id);
    return id;
}

void Scheduler::resume(FiberId id) {
    const FiberId outer = std::exchange(current_, id);
    Fiber& fiber = *activities_[id].fiber;
    fiber.resume();
    current_ = outer;
    if (fiber.finished()) {
        activities_[id].fiber.reset();
        --alive_;
    }
}

void Scheduler::stopCurrent() {
    if (cancelled_) throw CommError(CommError::Kind::Cancelled, "the run was cancelled");
    activities_[current_].fiber->stop();
    if (cancelled_) throw CommError(CommError::Kind::Cancelled, "the run was cancelled");
}

void Scheduler::sleepUntil(Picoseconds time, std::int32_t tie) {
    push(time, tie, nullptr, current_);
    stopCurrent();
}

void Scheduler::suspend(const std::function<std::string()>& waitingFor) {
    activities_[current_].waitingFor = &waitingFor;
    stopCurrent();
    activities_[current_].waitingFor = nullptr;
}

void Scheduler::parkUntil(const std::function<bool()>& open) {
    if (open()) return;
    activities_[current_].parkedUntil = &open;
    ++parked_;
    stopCurrent();
}

void Scheduler::wakeAt(Picoseconds time, std::int32_t tie, FiberId fiber) {
    push(time, tie, nullptr, fiber);
}

void Scheduler::callAt(Picoseconds time, std::int32_t tie, Target& target, std::uint32_t argument) {
    push(time, tie, &target, argument);
}

void Scheduler::cancel() {
    cancelled_ = true;
    if (control_) control_->wakeAll();
}

void Scheduler::unpark() {
    for (FiberId id = 0; id < activities_.size(); ++id) {
        Activity& activity = activities_[id];
        if (!activity.parkedUntil || !(*activity.parkedUntil)()) continue;
        activity.parkedUntil = nullptr;
        --parked_;
        wakeAt(now_, static_cast<std::int32_t>(id), id);
    }
}

void Scheduler::obeyCommands() {
    if (!control_) return;
    const std::uint64_t commands = control_->commands();
    if (commands == commandsSeen_) return;
    commandsSeen_ = commands;
    if (parked_) unpark();
    if (control_->speed() != paceSpeed_) {
        paceSpeed_ = control_->speed();
        paceFrom_ = now_;
        paceStart_ = std::chrono::steady_clock::now();
    }
}

void Scheduler::paceTo(Picoseconds time) {
    obeyCommands();
    bool frozen = false;
    while (!cancelled_ && control_->frozen()) {
        frozen = true;
        control_->waitForCommand(commandsSeen_);
        obeyCommands();
    }
    if (frozen) {
        paceFrom_ = now_;
        paceStart_ = std::chrono::steady_clock::now();
    }
    while (!cancelled_ && paceSpeed_ > 0) {
        const auto due =
            paceStart_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                             std::chrono::duration<double>(secondsOf(time - paceFrom_) / paceSpeed_));
        if (due <= std::chrono::steady_clock::now()) break;
        const bool commanded = control_->waitForCommandUntil(commandsSeen_, due);
        if (!commanded) break;
        return paceTo(time);
    }
}

void Scheduler::idle() {
    if (parked_ && control_) {
        const std::uint64_t seen = commandsSeen_;
        control_->waitForCommand(seen);
        obeyCommands();
        return;
    }
    std::string who, ownLane;
    for (const Activity& activity : activities_) {
        if (!activity.fiber || !activity.waitingFor) continue;
        const std::string what = (*activity.waitingFor)();
        // Who only waits for a lane of its own is held up by what that one waits for.
        std::string& words = what == kOwnLane ? ownLane : who;
        words += (words.empty() ? "" : "; ") + activity.name + " waits for " + what;
    }
    if (who.empty()) who = ownLane;
    throw CommError(CommError::Kind::Deadlock, "deadlock: " + who);
}

void Scheduler::unwind() {
    cancelled_ = true;
    events_.clear();
    for (FiberId id = 0; id < activities_.size(); ++id)
        while (activities_[id].fiber) resume(id);
}

void Scheduler::run() {
    try {
        while (alive_ > 0 && !cancelled_) {
            if (events_.empty()) {
                idle();
                continue;
            }
            const Event event = events_.pop();
            if (control_ && (event.time != now_.count() || control_->commands() != commandsSeen_)) {
                const std::uint64_t before = order_;
                paceTo(Picoseconds(event.time));
                if (order_ != before || cancelled_) {  // a command let something in before this event
                    events_.push(event);
                    continue;
                }
            }
            now_ = Picoseconds(event.time);
            ++handled_;
            if (event.target)
                event.target->happen(event.argument);
            else
                resume(event.argument);
        }
    } catch (...) {
        if (!failure_) failure_ = std::current_exception();
    }
    const bool cutShort = alive_ > 0;
    unwind();
    if (failure_) std::rethrow_exception(failure_);
    if (cutShort) throw CommError(CommError::Kind::Cancelled, "the run was cancelled");
}

}  // namespace rondo
