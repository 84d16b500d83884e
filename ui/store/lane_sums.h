#pragma once

#include <array>
#include <vector>

#include "ui/store/lane_follower.h"

namespace rondo::ui {

/// Nanoseconds of each phase.
using PhaseTimes = std::array<std::int64_t, kPhases>;

/// How long a lane was in each phase in any stretch of time, without looking at every span of it.
class LaneSums {
  public:
    void follow(const SpanLane& lane);
    /// Of [from, to), spans cut to it. follow() has seen the lane as it is. Cost: O(log spans), and 128 spans
    /// at most.
    PhaseTimes between(const SpanLane& lane, std::int64_t from, std::int64_t to) const;

  private:
    static constexpr std::size_t kBlock = 64;
    LaneFollower follower_;
    PhaseTimes now_{};
    std::vector<PhaseTimes> blocks_;  ///< what had been when every 64th span began, from the first on
};

}  // namespace rondo::ui
