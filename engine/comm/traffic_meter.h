#pragma once

#include <cstdint>
#include <map>

#include "engine/comm/communicator.h"
#include "engine/core/clock.h"

namespace rondo {

/// What one direction of a link carried.
struct LinkTraffic {
    std::int64_t payloadBytes = 0, wireBytes = 0, messages = 0;
    LinkTraffic& operator+=(const LinkTraffic& other) {
        payloadBytes += other.payloadBytes;
        wireBytes += other.wireBytes;
        messages += other.messages;
        return *this;
    }
    bool operator==(const LinkTraffic&) const = default;
};

/// A message that has arrived, as told to whoever watches the receiving lane.
struct Delivery {
    Rank from, to;
    std::int64_t payloadBytes = 0, wireBytes = 0;
    std::int32_t bucket = kNone, chunk = kNone;
    Nanoseconds begin{0}, end{0};
    std::int32_t microBatch = kNone;
    Carries carries = Carries::Exchange;
};

/// Watches one lane of one rank; called on that lane, for `Data` traffic only.
class DeliveryObserver {
  public:
    virtual ~DeliveryObserver() = default;
    virtual void delivered(const Delivery& delivery) = 0;
};

/// Exact counts of what one communicator sent, whatever becomes of the events. Belongs to the communicator's
/// lane.
class TrafficMeter {
  public:
    void count(Rank to, std::int64_t payloadBytes, std::int64_t wireBytes) {
        if (!last_ || lastTo_ != to) last_ = &sentTo_[lastTo_ = to];
        *last_ += {payloadBytes, wireBytes, 1};
        payloadBytes_ += payloadBytes;
    }
    const std::map<Rank, LinkTraffic>& sentTo() const { return sentTo_; }
    std::int64_t payloadBytes() const { return payloadBytes_; }

  private:
    std::map<Rank, LinkTraffic> sentTo_;
    LinkTraffic* last_ = nullptr;  // a ring talks to one neighbour for ever
    Rank lastTo_{kNone};
    std::int64_t payloadBytes_ = 0;
};

}  // namespace rondo
