#pragma once

#include <array>

#include "net/data/ws_communicator.h"
#include "net/data/ws_network.h"

namespace rondo::net {

struct WsNetwork::Inside {
    Rank rank;
    int worldSize = 1;
    std::array<std::unique_ptr<WsCommunicator>, 2> lanes;  ///< null: not connected
    std::map<Rank, PeerRoute> routes;
    std::shared_ptr<Shaper> shaper;  ///< one card for both lanes
    bool saidFarewell = false;
    WsCommunicator& at(Lane lane);
};

}  // namespace rondo::net
