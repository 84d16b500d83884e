#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/comm/runtime.h"

namespace rondo {

/// Does posted work in finish(), on the computing thread: where no core is free for more.
class InlineLane final : public SideLane {
  public:
    void post(std::function<void()> work) override { waiting_.push_back(std::move(work)); }
    void finish() override {
        // Work may throw: what waits behind it is dropped with it.
        for (const auto& work : std::exchange(waiting_, {})) work();
    }

  private:
    std::vector<std::function<void()>> waiting_;
};

/// Does it on a thread of its own.
class ThreadLane final : public SideLane {
  public:
    ThreadLane() : thread_([this] { serve(); }) {}
    ~ThreadLane() override {
        {
            const std::lock_guard lock(mutex_);
            closing_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    void post(std::function<void()> work) override {
        {
            const std::lock_guard lock(mutex_);
            waiting_.push_back(std::move(work));
        }
        changed_.notify_all();
    }
    /// Drops what waits and lets what runs come to its end, so that its owner's memory can go.
    void abandon() {
        std::unique_lock lock(mutex_);
        waiting_.clear();
        changed_.wait(lock, [&] { return !busy_; });
    }
    void finish() override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return (waiting_.empty() && !busy_) || failure_; });
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

  private:
    void serve() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [&] { return closing_ || !waiting_.empty(); });
            if (closing_) return;
            const auto work = std::move(waiting_.front());
            waiting_.pop_front();
            busy_ = true;
            lock.unlock();
            std::exception_ptr failure;
            try {
                work();
            } catch (...) {
                failure = std::current_exception();
            }
            lock.lock();
            busy_ = false;
            if (failure) {
                failure_ = failure;
                waiting_.clear();
            }
            changed_.notify_all();
        }
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    bool busy_ = false, closing_ = false;
    std::exception_ptr failure_;
    std::thread thread_;
};

}  // namespace rondo
