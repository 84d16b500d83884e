#include "ui/store/lane_sums.h"

namespace rondo::ui {

void LaneSums::follow(const SpanLane& lane) {
    follower_.follow(
        lane,
        [&] {
            now_ = {};
            blocks_.clear();
        },
        [&](const LaneSpan& span) {
            if (follower_.taken() % kBlock == 0) blocks_.push_back(now_);
            now_[static_cast<std::size_t>(span.phase)] += span.end - span.begin;
        });
}

PhaseTimes LaneSums::between(const SpanLane& lane, std::int64_t from, std::int64_t to) const {
    PhaseTimes sums{};
    const auto seen = lane.visible(from, to);
    if (seen.empty()) return sums;
    const auto first = static_cast<std::size_t>(seen.data() - lane.spans().data()),
               last = first + seen.size();
    const auto walk = [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const LaneSpan& span = lane.spans()[i];
            sums[static_cast<std::size_t>(span.phase)] +=
                std::max<std::int64_t>(0, std::min(span.end, to) - std::max(span.begin, from));
        }
    };
    // Only spans at the ends can reach out of the stretch; those of whole blocks between are all in it.
    const std::size_t firstBlock = first / kBlock + 1, lastBlock = (last - 1) / kBlock;
    if (firstBlock >= lastBlock) {
        walk(first, last);
        return sums;
    }
    walk(first, firstBlock * kBlock);
    for (std::size_t phase = 0; phase < sums.size(); ++phase)
        sums[phase] += blocks_[lastBlock][phase] - blocks_[firstBlock][phase];
    walk(lastBlock * kBlock, last);
    return sums;
}

}  // namespace rondo::ui
