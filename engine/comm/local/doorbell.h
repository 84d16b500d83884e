#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace rondo {

/// Where one thread waits for others to change something. Spins briefly first when there is a core for
/// everyone, since waking a parked thread costs more than most waits here last (about 50 µs).
class Doorbell {
  public:
    explicit Doorbell(bool spin) : spin_(spin) {}

    void ring() {
        rings_.fetch_add(1, std::memory_order_seq_cst);
        if (sleeping_.load(std::memory_order_seq_cst)) {
            { const std::lock_guard lock(mutex_); }  // the sleeper is either before its check or inside wait
            rung_.notify_all();
        }
    }

    /// Calls `ready` until it says true, again after each ring; false when the deadline came first.
    template <class Ready>
    bool wait(Ready&& ready, std::optional<std::chrono::steady_clock::time_point> deadline) {
        std::uint32_t seen = rings_.load(std::memory_order_acquire);
        if (ready()) return true;
        if (spin_) {
            const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
            do {
                for (int i = 0; i < 64; ++i) {
                    pauseCpu();
                    const std::uint32_t now = rings_.load(std::memory_order_acquire);
                    if (now == seen) continue;
                    seen = now;
                    if (ready()) return true;
                }
                // Another program may have the core of the one that is waited for.
                std::this_thread::yield();
            } while (std::chrono::steady_clock::now() < until);
        }
        std::unique_lock lock(mutex_);
        sleeping_.store(true, std::memory_order_seq_cst);
        bool done = false;
        for (;;) {
            seen = rings_.load(std::memory_order_seq_cst);
            lock.unlock();
            done = ready();
            lock.lock();
            if (done) break;
            const auto rang = [&] { return rings_.load(std::memory_order_seq_cst) != seen; };
            if (!deadline)
                rung_.wait(lock, rang);
            else if (!rung_.wait_until(lock, *deadline, rang))
                break;
        }
        sleeping_.store(false, std::memory_order_relaxed);
        return done;
    }

  private:
    static void pauseCpu() {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    }
    std::atomic<std::uint32_t> rings_ = 0;
    std::atomic<bool> sleeping_ = false;
    std::mutex mutex_;
    std::condition_variable rung_;
    bool spin_;
};

}  // namespace rondo
