#include "app/cli/room/data_plane.h"

#include <thread>

#include "engine/config/run_spec_json.h"
#include "engine/training/gloo/gloo_network.h"
#include "net/data/connect_world.h"
#include "net/ws/url.h"

namespace rondo::cli {

namespace {

int cores() {
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::unique_ptr<RankNetwork> overGloo(const BeginWorld& world, int worldSize, const std::string& host,
                                      std::function<Nanoseconds()> now, std::stop_token stop) {
    const auto store = net::readListenAddress(world.glooStore);
    if (!store) throw BadInput(store.problems());
    GlooPlace place;
    place.storeHost = store->host.empty() ? host : store->host;
    place.storePort = store->port;
    place.rank = world.rank;
    place.worldSize = worldSize;
    place.world = std::to_string(world.run) + "." + std::to_string(world.generation);
    return makeGlooNetwork(place, std::move(now), std::move(stop));
}

/// Once a pair: by the one of them that dials.
void tellRoutes(const net::WsNetwork& network, const BeginWorld& world, Nanoseconds now, EventSink& events) {
    for (const PeerPlace& peer : world.peers) {
        const net::PeerRoute& route = network.routes().at(peer.rank);
        if (!peer.dial || (route.sameComputer && !route.relayed)) continue;
        RouteChosen chosen;
        chosen.stamp.run = world.run;
        chosen.stamp.rank = world.rank;
        chosen.stamp.at = now;
        chosen.peer = peer.rank;
        chosen.relayed = route.relayed;
        events.publish(chosen);
    }
}

}  // namespace

std::unique_ptr<RankNetwork> connectRank(RankPlace place, const BeginWorld& world,
                                         std::function<Nanoseconds()> now, std::stop_token stop) {
    const auto spec = parseRunSpec(world.spec);
    if (!spec) throw BadInput(spec.problems());
    const int worldSize = static_cast<int>(spec->workers) + serversOf(*spec);
    if (!world.glooStore.empty())
        return overGloo(world, worldSize, place.host, std::move(now), std::move(stop));

    net::WorldPlan plan;
    plan.rank = world.rank;
    plan.worldSize = worldSize;
    plan.generation = world.generation;
    plan.peers = world.peers;
    if (place.byRelayOnly)
        for (PeerPlace& peer : plan.peers) peer.host.clear();
    // Whether a rank's second lane has a thread of its own is known to it alone, and both ends must have its
    // connections: all have them.
    plan.lanes = {Lane::Compute, Lane::Communication};
    plan.now = std::move(now);
    plan.seed = static_cast<std::uint64_t>(spec->seed);
    plan.spin = world.ranksHere <= cores();
    if (spec->cluster.shaped) plan.shaped = spec->cluster;
    plan.stop = std::move(stop);
    plan.relay = std::move(place.relay);
    auto network = net::connectWorld(place.listener, plan);
    tellRoutes(*network, world, plan.now(), place.events);
    return network;
}

}  // namespace rondo::cli
