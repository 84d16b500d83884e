#pragma once

#include "engine/comm/communicator.h"
#include "engine/comm/link_state.h"
#include "engine/comm/traffic_meter.h"
#include "engine/events/event.h"

namespace rondo {

/// The data plane of one rank whose peers live in other processes: its end of the network for each lane.
/// Implemented over WebSockets (net) and over Gloo.
///
/// Thread: communicators, meters and observers belong to the thread of their lane; leave() to the rank's own
/// thread once both lanes have come to rest; cancel() to any.
class RankNetwork {
  public:
    virtual ~RankNetwork() = default;
    virtual Rank rank() const = 0;
    virtual int worldSize() const = 0;
    virtual Communicator& communicator(Lane lane) = 0;
    virtual const TrafficMeter& meter(Lane lane) const = 0;
    virtual void observe(Lane lane, DeliveryObserver* observer) = 0;
    /// Waits until the lane's sends that have begun go on without it: before it waits for something else than
    /// a message, where peers may need what it has sent. On the lane's thread.
    virtual void settle(Lane) {}
    /// What becomes of this rank's links from now on, in run time; outlives the network. Before the first
    /// message.
    virtual void feel(const LinkState&) {}
    /// This rank has ended: what it sent still arrives, and who then waits for more from it gets PeerGone.
    virtual void leave() = 0;
    /// Every wait of this rank, present and later, throws Cancelled with these words.
    virtual void cancel(const std::string& why) = 0;
};

}  // namespace rondo
