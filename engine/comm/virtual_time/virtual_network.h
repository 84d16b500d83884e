#pragma once

#include <memory>
#include <vector>

#include "engine/comm/communicator.h"
#include "engine/comm/traffic_meter.h"
#include "engine/comm/virtual_time/network_model.h"
#include "engine/comm/virtual_time/scheduler.h"
#include "engine/events/event.h"

namespace rondo {

class VirtualCommunicator;

/// Messages between fibers in virtual time. What is sent is copied, so a sender goes on once its card is
/// free, whoever reads when. `Control` traffic takes no time.
class VirtualNetwork final : private Scheduler::Target {
  public:
    VirtualNetwork(Scheduler& scheduler, NetworkModel model, int worldSize);
    ~VirtualNetwork();

    Communicator& communicator(Rank rank, Lane lane);
    const TrafficMeter& meter(Rank rank, Lane lane) const;
    void observe(Rank rank, Lane lane, DeliveryObserver* observer);
    /// The latter as of the last message that the rank has taken.
    CardTimes card(Rank rank) const { return {model_.sendFree(rank), taken_[rank.index()]}; }
    /// Before the first message.
    void startAt(Rank rank, const CardTimes& times);

  private:
    friend class VirtualCommunicator;
    struct InFlight {
        Rank from, to;
        Lane lane;
        Tag tag;
        Traffic traffic;
        std::int32_t bucket, chunk, microBatch;
        Carries carries;
        std::int64_t payloadBytes;
        std::vector<float> content;  // floats, so that receivers may add from it in place
        std::size_t contentBytes;
        NetworkModel::Departure departure;
        Picoseconds arrived;
    };

    void happen(std::uint32_t message) override;  // first byte is at the receiver's card
    std::uint32_t newMessage();

    Scheduler& scheduler_;
    NetworkModel model_;
    std::vector<std::unique_ptr<VirtualCommunicator>> ends_;  // rank · 2 + lane
    std::vector<Picoseconds> taken_;  // by rank: when its card had received the last of what it took
    std::vector<InFlight> messages_;
    std::vector<std::uint32_t> free_;
};

}  // namespace rondo
