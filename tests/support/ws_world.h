#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "net/data/connect_world.h"
#include "net/data/peer_listener.h"
#include "net/data/ws_network.h"
#include "tests/support/rank_network_world.h"

namespace rondo::test {

inline Nanoseconds steadyNow() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

/// A key for each pair, as a coordinator would hand them out.
inline std::string pairKey(int a, int b) {
    std::string key(32, 'k');
    key[0] = static_cast<char>(std::min(a, b));
    key[1] = static_cast<char>(std::max(a, b));
    return key;
}

/// How the ranks of a world on loopback reach each other; the higher one dials.
inline net::WorldPlan planOf(int rank, const std::vector<std::unique_ptr<net::PeerListener>>& listeners) {
    net::WorldPlan plan;
    plan.rank = Rank{rank};
    plan.worldSize = static_cast<int>(listeners.size());
    plan.generation = 7;
    plan.now = steadyNow;
    for (int other = 0; other < plan.worldSize; ++other)
        if (other != rank)
            plan.peers.push_back({Rank{other}, "127.0.0.1",
                                  listeners[static_cast<std::size_t>(other)]->port(), pairKey(rank, other),
                                  rank > other});
    return plan;
}

enum class Wire { Plain, Encrypted };

inline std::vector<std::unique_ptr<net::PeerListener>> listenersFor(int size, Wire wire = Wire::Plain) {
    std::vector<std::unique_ptr<net::PeerListener>> listeners;
    for (int rank = 0; rank < size; ++rank)
        listeners.push_back(std::make_unique<net::PeerListener>(
            net::PeerListener::Options{.address = "127.0.0.1", .secure = wire == Wire::Encrypted}));
    return listeners;
}

/// Ranks over WebSockets on loopback. `change` sees each rank's plan before it connects.
inline std::unique_ptr<RankNetworkWorld> makeWsWorld(
    int size, const std::function<void(net::WorldPlan&)>& change = [](net::WorldPlan&) {},
    Wire wire = Wire::Plain) {
    const auto listeners = listenersFor(size, wire);
    return std::make_unique<RankNetworkWorld>(size, [&](int rank) {
        net::WorldPlan plan = planOf(rank, listeners);
        change(plan);
        return net::connectWorld(*listeners[static_cast<std::size_t>(rank)], plan);
    });
}

}  // namespace rondo::test
