#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "engine/comm/rank_network.h"
#include "engine/run/rank_messages.h"
#include "net/data/connect_world.h"
#include "net/data/peer_listener.h"

namespace rondo::cli {

/// Connects a rank of this process with its peers as its world says: over WebSockets, or over Gloo where the
/// world names a store. Whom it can't reach it reaches by `relay`, if there is one. Throws CommError.
std::unique_ptr<RankNetwork> connectRank(net::PeerListener& listener, const BeginWorld& world,
                                         std::function<Nanoseconds()> now, std::stop_token stop,
                                         std::optional<net::RelayAccess> relay = {});

}  // namespace rondo::cli
