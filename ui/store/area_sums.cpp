#include "ui/store/area_sums.h"

namespace rondo::ui {

AreaSum& AreaSum::operator+=(const AreaSum& other) {
    compute += other.compute;
    communication += other.communication;
    wait += other.wait;
    return *this;
}

AreaSum areaSumOf(const PhaseTimes& times) {
    AreaSum sum;
    for (int phase = 0; phase < kPhases; ++phase) {
        const double seconds = static_cast<double>(times[static_cast<std::size_t>(phase)]) * 1e-9;
        const auto what = static_cast<Phase>(phase);
        (what == Phase::Wait          ? sum.wait
         : what == Phase::Synchronise ? sum.communication
                                      : sum.compute) += seconds;
    }
    return sum;
}

std::vector<AreaSums::OfRank> AreaSums::between(std::int64_t from, std::int64_t to) {
    std::vector<OfRank> ranks;
    const auto& lanes = store_.lanes();
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const SpanLane& lane = lanes[i];
        const auto isOf = [&](const OfLane& own) {
            return own.rank == lane.rank() && own.lane == lane.lane();
        };
        // A lane that appeared late moves the others: begin anew from there.
        if (i < lanes_.size() && !isOf(lanes_[i])) lanes_.resize(i);
        if (i >= lanes_.size()) lanes_.push_back({lane.rank(), lane.lane(), {}});
        lanes_[i].sums.follow(lane);
        const AreaSum sum = areaSumOf(lanes_[i].sums.between(lane, from, to));
        if (ranks.empty() || ranks.back().rank != lane.rank()) ranks.push_back({lane.rank(), {}});
        ranks.back().sum += sum;
    }
    return ranks;
}

}  // namespace rondo::ui
