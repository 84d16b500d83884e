#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/comm/on_every_rank.h"
#include "engine/comm/rank_network.h"
#include "tests/support/communicator_conformance.h"

namespace rondo::test {

/// Ranks with a RankNetwork each, as threads of this process.
class RankNetworkWorld : public WorldUnderTest {
  public:
    RankNetworkWorld(int size, const std::function<std::unique_ptr<RankNetwork>(int)>& connect)
        : networks_(static_cast<std::size_t>(size)) {
        onEveryRank(size, [&](int rank) { networks_[static_cast<std::size_t>(rank)] = connect(rank); });
    }
    void run(const std::function<void(Communicator&)>& body) override {
        std::mutex mutex;
        std::exception_ptr first;
        onEveryRank(static_cast<int>(networks_.size()), [&](int rank) {
            try {
                body(network(rank).communicator(Lane::Compute));
                network(rank).leave();
            } catch (...) {
                {
                    const std::lock_guard lock(mutex);
                    if (!first) first = std::current_exception();
                }
                cancel();
            }
        });
        if (first) std::rethrow_exception(first);
    }
    void cancel() override {
        for (const auto& network : networks_) network->cancel("the run was cancelled");
    }
    std::int64_t payloadSent(int rank) override { return network(rank).meter(Lane::Compute).payloadBytes(); }
    RankNetwork& network(int rank) { return *networks_[static_cast<std::size_t>(rank)]; }
    /// Without a word, as a process that is killed.
    void kill(int rank) { networks_[static_cast<std::size_t>(rank)].reset(); }

  private:
    std::vector<std::unique_ptr<RankNetwork>> networks_;
};

}  // namespace rondo::test
