#include "engine/training/gloo/watched_wait.h"

#include <gloo/common/error.h>

#include <algorithm>

namespace rondo {

namespace {
/// Gloo doesn't tell who waits that a peer is gone when that breaks a message in two.
constexpr std::chrono::milliseconds kLookEvery{50};
/// No limit of Gloo's: reaching it would close all connections. (Its clock can't hold "for ever".)
constexpr std::chrono::hours kForever{24 * 365};
}  // namespace

Watchdog::Watchdog(std::vector<Look> looks) : looks_(std::move(looks)), thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    called_.notify_one();
    thread_.join();
}

void Watchdog::expect(Time at) {
    const Time::rep until = sleepsUntil_.load(std::memory_order_seq_cst);
    if (until != 0 && until <= at.time_since_epoch().count()) return;
    {
        const std::lock_guard lock(mutex_);
        pending_ = true;
    }
    called_.notify_one();
}

void Watchdog::watch() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        pending_ = false;
        lock.unlock();
        // From here on who begins to wait calls, since it may have been looked at already.
        sleepsUntil_.store(0, std::memory_order_seq_cst);
        Time next = Time::max();
        for (const Look& look : looks_) next = std::min(next, look(std::chrono::steady_clock::now()));
        sleepsUntil_.store(next.time_since_epoch().count(), std::memory_order_seq_cst);
        lock.lock();
        const auto called = [this] { return pending_ || ending_; };
        if (next == Time::max())
            called_.wait(lock, called);
        else
            called_.wait_until(lock, next, called);
    }
}

WatchedWait::Outcome WatchedWait::await(GlooBuffer& buffer, Direction direction, int* peer, Time due,
                                        FunctionRef<bool()> hopeless) {
    words_.clear();
    bool lastLook = false;
    for (;;) {
        const Time lookAt = std::min(due, std::chrono::steady_clock::now() + kLookEvery);
        {
            const std::lock_guard lock(mutex_);
            if (cancelled()) return Outcome::Cancelled;
            buffer_ = &buffer;
            direction_ = direction;
            lookAt_ = lookAt;
        }
        watchdog_->expect(lookAt);
        bool done = false, failed = false;
        try {
            done = direction == Direction::Send ? buffer.waitSend(peer, kForever)
                                                : buffer.waitRecv(peer, kForever);
        } catch (const gloo::Exception& error) {
            failed = true;
            words_ = error.what();
        }
        {
            const std::lock_guard lock(mutex_);
            buffer_ = nullptr;
        }
        if (done) return Outcome::Done;
        if (cancelled()) return Outcome::Cancelled;
        if (failed || lastLook) return Outcome::Gone;
        if (std::chrono::steady_clock::now() >= due) return Outcome::Deadline;
        lastLook = hopeless();
    }
}

WatchedWait::Time WatchedWait::look(Time now) {
    const std::lock_guard lock(mutex_);
    if (!buffer_) return Time::max();
    if (now < lookAt_) return lookAt_;
    wake();
    lookAt_ = now + kLookEvery;
    return lookAt_;
}

void WatchedWait::cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_.store(true, std::memory_order_release);
    if (buffer_) wake();
}

void WatchedWait::wake() {
    if (direction_ == Direction::Send)
        buffer_->abortWaitSend();
    else
        buffer_->abortWaitRecv();
}

}  // namespace rondo
