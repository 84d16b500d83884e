#pragma once

#include <boost/asio/awaitable.hpp>

#include "net/data/connect_world.h"
#include "net/data/peer_handshake.h"

namespace rondo::net {

/// Opens this rank's half of a relay: connects `stream` with the host, joins with role `relay` and waits
/// until the other half is there. After that the stream is like one to the peer itself. Throws like the rest
/// of the handshakes.
asio::awaitable<void> callRelay(PeerStream& stream, const RelayAccess& access, const RelayPart& part);

}  // namespace rondo::net
