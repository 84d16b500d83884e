#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "engine/comm/communicator.h"
#include "engine/comm/traffic_meter.h"
#include "engine/events/event.h"

namespace rondo {

/// Ranks as threads of one process. A send lends its memory and the receiver reads it in place: no copy, and
/// the sender is done when the receiver is (rendezvous). Every rank has an end per lane.
class LocalNetwork {
  public:
    /// `now` gives the time for deliveries; `spin` as in Doorbell.
    LocalNetwork(int worldSize, bool spin, std::function<Nanoseconds()> now);
    ~LocalNetwork();

    Communicator& communicator(Rank rank, Lane lane);
    const TrafficMeter& meter(Rank rank, Lane lane) const;
    void observe(Rank rank, Lane lane, DeliveryObserver* observer);
    /// This rank has ended: who waits for it gets PeerGone instead of waiting for ever. Any thread.
    void leave(Rank rank);
    /// All waits, present and later, throw Cancelled; or those of one rank. Any thread.
    void cancel();
    void cancel(Rank rank);

  private:
    friend class LocalCommunicator;
    bool left(Rank rank) const;
    bool cancelled(Rank rank) const;
    bool everyoneLeftBut(Rank rank) const;

    std::vector<std::unique_ptr<class LocalCommunicator>> ends_;  // rank · 2 + lane
    std::vector<std::atomic<bool>> left_, cancelled_;             // by rank
    std::function<Nanoseconds()> now_;
};

}  // namespace rondo
