#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/training/gloo/gloo_network.h"

namespace rondo::test {

/// Ranks of a Gloo world as threads of this process, each with an end of its own.
class GlooWorld {
  public:
    explicit GlooWorld(int size) : networks_(static_cast<std::size_t>(size)) {
        static GlooStore store;
        static std::atomic<int> worlds = 0;
        const std::string name = "test" + std::to_string(++worlds);
        onEveryRank([&](int rank) {
            networks_[static_cast<std::size_t>(rank)] = makeGlooNetwork(
                {.storePort = store.port(), .rank = Rank{rank}, .worldSize = size, .world = name}, now);
        });
    }
    static Nanoseconds now() { return std::chrono::steady_clock::now().time_since_epoch(); }

    RankNetwork& network(int rank) { return *networks_[static_cast<std::size_t>(rank)]; }
    /// As a process that ends without a word.
    void kill(int rank) { networks_[static_cast<std::size_t>(rank)].reset(); }

    /// All ranks at once; who returns leaves. When some throw, all others are cancelled, and it is thrown
    /// here what came first.
    void run(const std::function<void(Communicator&)>& body, Lane lane = Lane::Compute) {
        onEveryRank([&](int rank) {
            try {
                body(network(rank).communicator(lane));
                if (networks_[static_cast<std::size_t>(rank)]) network(rank).leave();
            } catch (...) {
                const std::lock_guard lock(mutex_);
                if (!failure_) failure_ = std::current_exception();
                for (const auto& other : networks_)
                    if (other) other->cancel("a rank failed");
            }
        });
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

  private:
    void onEveryRank(const std::function<void(int)>& body) {
        std::vector<std::exception_ptr> failures(networks_.size());
        std::vector<std::thread> threads;
        for (std::size_t rank = 0; rank < networks_.size(); ++rank)
            threads.emplace_back([&, rank] {
                try {
                    body(static_cast<int>(rank));
                } catch (...) {
                    failures[rank] = std::current_exception();
                }
            });
        for (auto& thread : threads) thread.join();
        for (const auto& failure : failures)
            if (failure) std::rethrow_exception(failure);
    }
    std::vector<std::unique_ptr<RankNetwork>> networks_;
    std::mutex mutex_;
    std::exception_ptr failure_;
};

}  // namespace rondo::test
