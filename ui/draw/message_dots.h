#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "engine/events/event.h"
#include "ui/store/link_id.h"

namespace rondo::ui {

/// Which messages are under way on the screen. A dot is one real message and takes `kTravelMs` from sender to
/// receiver. Of more than `kMostPerLink` at a time on a link some are shown, evenly apart: that it is busy is
/// seen, how many there are is not. Wall-clock milliseconds of the caller's clock throughout.
class MessageDots {
  public:
    static constexpr std::int64_t kTravelMs = 400;
    static constexpr int kMostPerLink = 8;
    struct Dot {
        LinkId link;
        double progress = 0;  ///< 0 at the sender, 1 at the receiver
    };

    /// Messages that arrived just now. Cost in proportion to the batch, memory at most kMostPerLink a
    /// link.
    void arrived(std::span<const Message> messages, std::int64_t nowMs);
    /// Those to draw now; forgets those that arrived.
    std::vector<Dot> at(std::int64_t nowMs);
    bool idle() const { return underWay_.empty(); }
    void clear() { underWay_.clear(); }

  private:
    struct Train {
        std::vector<std::int64_t> starts;
        std::int64_t crowdedUntil = 0;
    };
    std::map<LinkId, Train> underWay_;
};

}  // namespace rondo::ui
