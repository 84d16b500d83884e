#pragma once

#include <memory>
#include <vector>

#include "engine/comm/on_every_rank.h"
#include "engine/comm/rank_network.h"
#include "engine/core/clock.h"
#include "net/data/peer_listener.h"

namespace rondo::cli {

/// Run time for a measurement: the steady clock.
Nanoseconds loopbackNow();

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
