#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/comm/rank_network.h"
#include "engine/core/clock.h"
#include "net/data/peer_listener.h"

namespace rondo::cli {

/// Run time for a measurement: the steady clock.
Nanoseconds loopbackNow();

/// Does the same for each rank on a thread of its own; rethrows the first failure when all have ended.
void onEveryRank(int ranks, const std::function<void(int)>& body);

/// The listeners of a world of WebSockets on loopback.
class LoopbackWorld {
  public:
    explicit LoopbackWorld(int ranks);
    /// On the rank's own thread, all ranks at once.
    std::unique_ptr<RankNetwork> connect(int rank) const;

  private:
    std::vector<std::unique_ptr<net::PeerListener>> listeners_;
};

}  // namespace rondo::cli
