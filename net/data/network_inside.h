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
    bool saidFarewell = false;
    WsCommunicator& at(Lane lane);
};

}  // namespace rondo::net
