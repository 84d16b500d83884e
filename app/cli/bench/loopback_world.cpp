#include "app/cli/bench/loopback_world.h"

#include <chrono>
#include <string>
#include <thread>

#include "net/data/connect_world.h"

namespace rondo::cli {

Nanoseconds loopbackNow() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

LoopbackWorld::LoopbackWorld(int ranks) {
    for (int rank = 0; rank < ranks; ++rank)
        listeners_.push_back(
            std::make_unique<net::PeerListener>(net::PeerListener::Options{.address = "127.0.0.1"}));
}

std::unique_ptr<RankNetwork> LoopbackWorld::connect(int rank) const {
    net::WorldPlan plan;
    plan.rank = Rank{rank};
    plan.worldSize = static_cast<int>(listeners_.size());
    plan.now = loopbackNow;
    plan.spin = listeners_.size() <= std::thread::hardware_concurrency();
    for (int other = 0; other < plan.worldSize; ++other)
        if (other != rank)
            plan.peers.push_back({Rank{other}, "127.0.0.1",
                                  listeners_[static_cast<std::size_t>(other)]->port(), std::string(32, 'k'),
                                  rank > other});
    return net::connectWorld(*listeners_[static_cast<std::size_t>(rank)], plan);
}

}  // namespace rondo::cli
