#pragma once

#include <algorithm>

#include "ui/store/span_lane.h"

namespace rondo::ui {

/// For who sums up a lane as it grows: every span is taken once, in order. When a late span moved others from
/// their places, or the older half was forgotten, it begins anew with what the lane still has: so what is
/// kept of a lane is bounded as the lane is.
class LaneFollower {
  public:
    /// Calls `restart()` before it begins anew, `take(span)` for each that is new. Cost: in proportion to
    /// what is new.
    template <class Restart, class Take>
    void follow(const SpanLane& lane, Restart restart, Take take) {
        if (lane.insertions() != insertions_ || lane.forgotten() != forgotten_) {
            insertions_ = lane.insertions();
            forgotten_ = lane.forgotten();
            taken_ = 0;
            restart();
        }
        for (; taken_ < lane.spans().size(); ++taken_) take(lane.spans()[taken_]);
    }
    std::size_t taken() const { return taken_; }  ///< the place of the next one
    bool beganLate() const { return forgotten_ > 0; }

  private:
    std::size_t taken_ = 0, forgotten_ = 0;
    std::uint64_t insertions_ = 0;
};

}  // namespace rondo::ui
