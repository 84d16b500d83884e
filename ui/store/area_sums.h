#pragma once

#include <vector>

#include "ui/store/lane_sums.h"
#include "ui/store/run_store.h"

namespace rondo::ui {

/// Seconds of a stretch of time by what they were spent on. Communication goes on beside computation, so
/// these needn't sum up to the stretch.
struct AreaSum {
    double compute = 0, communication = 0, wait = 0;
    AreaSum& operator+=(const AreaSum& other);
};
AreaSum areaSumOf(const PhaseTimes& times);

/// Sums of any stretch for every rank. Keeps its place in each lane, so that only the first question about a
/// run costs in proportion to its spans. Thread: GUI only.
class AreaSums {
  public:
    explicit AreaSums(const RunStore& store) : store_(store) {}
    void reset() { lanes_.clear(); }
    struct OfRank {
        int rank = 0;
        AreaSum sum;
    };
    /// Of [from, to), ns, in the order of the lanes.
    std::vector<OfRank> between(std::int64_t from, std::int64_t to);

  private:
    struct OfLane {
        int rank = 0;
        Lane lane = Lane::Compute;
        LaneSums sums;
    };
    const RunStore& store_;
    std::vector<OfLane> lanes_;
};

}  // namespace rondo::ui
