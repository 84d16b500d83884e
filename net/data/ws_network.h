#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/comm/rank_network.h"

namespace rondo::net {

/// What a rank takes from its peers at most.
struct DataLimits {
    std::int64_t longestMessage = std::int64_t{1} << 30;  ///< payload; a longer one ends its connection
    /// Of what came from one connection before anybody asked for it. Beyond that it isn't read on until some
    /// of it is taken, so that its sender waits.
    std::int64_t early = std::int64_t{64} << 20;
};

/// How a rank reaches another.
struct PeerRoute {
    bool dialled = false;       ///< this side has called
    std::string address;        ///< of the other end of the connection
    bool relayed = false;       ///< through the host, whose address that is then; on one lane at least
    bool sameComputer = false;  ///< both ends have the same address
};

/// The data plane of one rank over WebSockets: a connection per pair of ranks and lane, made by connectWorld.
///
/// Nothing happens on threads of its own: a lane's connections are read and written by the lane's thread
/// while it is inside one of its communicator's calls, so a message costs no thread switch; between calls
/// they wait in the kernel. A send is finished when its bytes are in the kernel. Payloads are sent from where
/// they lie (towards a peer that was called they are masked on the way, as WebSocket wants it) and shown
/// where they were received.
///
/// A peer that breaks the protocol is closed and counts as gone, with the reason in the error. Where a rank
/// waits for one message while others, which nobody asked for, have used up the room for early ones, it gets
/// Deadlock.
///
/// After an error other than PeerGone of a whole message, connections on which a message was cut off are
/// closed.
class WsNetwork final : public RankNetwork {
  public:
    struct Inside;
    explicit WsNetwork(std::unique_ptr<Inside> inside);
    /// Waits up to a second for what is in the kernel to be taken by its receivers.
    ~WsNetwork() override;

    Rank rank() const override;
    int worldSize() const override;
    Communicator& communicator(Lane lane) override;
    const TrafficMeter& meter(Lane lane) const override;
    void observe(Lane lane, DeliveryObserver* observer) override;
    void settle(Lane lane) override;
    void feel(const LinkState& links) override;
    void leave() override;
    void cancel(const std::string& why) override;

    /// Of the other ranks.
    const std::map<Rank, PeerRoute>& routes() const;

  private:
    std::unique_ptr<Inside> inside_;
};

}  // namespace rondo::net
