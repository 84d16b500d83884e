#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "engine/comm/rank_network.h"
#include "engine/events/event_sink.h"
#include "engine/run/rank_messages.h"
#include "net/data/connect_world.h"
#include "net/data/peer_listener.h"

namespace rondo::cli {

/// What a rank of this process meets the others of its world with.
struct RankPlace {
    net::PeerListener& listener;
    std::string host;  ///< the coordinator's machine, by the name that leads there from here
    std::optional<net::RelayAccess> relay;  ///< to those out of reach; none: it can't
    bool byRelayOnly = false;
    EventSink& events;  ///< is told how ranks of different machines, and those relayed, reach each other
};

/// Connects a rank with its peers as its world says: over WebSockets, or over Gloo where the world names a
/// store, which is at `host` unless it says otherwise. Throws CommError.
std::unique_ptr<RankNetwork> connectRank(RankPlace place, const BeginWorld& world,
                                         std::function<Nanoseconds()> now, std::stop_token stop);

}  // namespace rondo::cli
