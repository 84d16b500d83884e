#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
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
        std::signal(SIGPIPE, SIG_IGN);  // as in our programs; Qt Test would end with it
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
    void kill(int rank) {
        std::unique_ptr<RankNetwork> gone;
        const std::lock_guard lock(mutex_);
        gone.swap(networks_[static_cast<std::size_t>(rank)]);
    }

    /// Any thread.
    void cancel(const std::string& why) {
        const std::lock_guard lock(mutex_);
        for (const auto& network : networks_)
            if (network) network->cancel(why);
    }

    /// All ranks at once; who returns leaves. When some throw, all others are cancelled, and what
    /// came first is thrown here.
    void run(const std::function<void(Communicator&)>& body, Lane lane = Lane::Compute) {
        onEveryRank([&](int rank) {
            try {
                body(network(rank).communicator(lane));
                if (networks_[static_cast<std::size_t>(rank)]) network(rank).leave();
            } catch (...) {
                {
                    const std::lock_guard lock(mutex_);
                    const auto failure = std::current_exception();
                    if (!failure_ || (followed(failure_) && !followed(failure))) failure_ = failure;
                }
                cancel("a rank failed");
            }
        });
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

  private:
    /// Who throws closes its connections, and others may find it gone before it is told here.
    static bool followed(const std::exception_ptr& failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const CommError& error) {
            return error.kind() == CommError::Kind::PeerGone || error.kind() == CommError::Kind::Cancelled;
        } catch (...) {
            return false;
        }
    }
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
