#include "ui/store/span_lane.h"

#include <algorithm>

namespace rondo::ui {

namespace {

std::int16_t shortOf(std::int32_t number) {
    return static_cast<std::int16_t>(std::clamp(number, kNone, 32767));
}

}  // namespace

LaneSpan LaneSpan::of(const Span& event) {
    return {event.begin.count(),
            event.stamp.at.count(),
            event.step,
            shortOf(event.bucket),
            event.phase,
            event.fused,
            shortOf(event.microBatch),
            shortOf(event.chunk),
            shortOf(event.peer.value)};
}

void SpanLane::add(const LaneSpan& span) {
    if (spans_.empty() || (spans_.back().begin <= span.begin && spans_.back().end <= span.end)) {
        spans_.push_back(span);
        if (!reach_.empty()) reach_.push_back(std::max(reach_.back(), span.end));
        return;
    }
    auto place = spans_.end();
    while (place != spans_.begin() && std::prev(place)->begin > span.begin) --place;
    if (place != spans_.end()) ++insertions_;
    place = spans_.insert(place, span);
    const bool endsInOrder = (place == spans_.begin() || std::prev(place)->end <= span.end) &&
                             (std::next(place) == spans_.end() || span.end <= std::next(place)->end);
    if (!reach_.empty())
        rebuildReach(static_cast<std::size_t>(place - spans_.begin()));
    else if (!endsInOrder)
        rebuildReach(0);
}

void SpanLane::forgetOldestHalf() {
    if (spans_.empty()) return;
    const auto half = spans_.begin() + static_cast<std::ptrdiff_t>((spans_.size() + 1) / 2);
    forgottenBefore_ = half == spans_.end() ? spans_.back().end : half->begin;
    forgotten_ += static_cast<std::size_t>(half - spans_.begin());
    spans_.erase(spans_.begin(), half);
    if (!reach_.empty()) rebuildReach(0);
}

void SpanLane::rebuildReach(std::size_t from) {
    reach_.resize(spans_.size());
    std::int64_t latest = from > 0 ? reach_[from - 1] : std::numeric_limits<std::int64_t>::min();
    for (std::size_t i = from; i < spans_.size(); ++i) reach_[i] = latest = std::max(latest, spans_[i].end);
}

std::span<const LaneSpan> SpanLane::visible(std::int64_t from, std::int64_t to) const {
    std::size_t first = 0;
    if (reach_.empty()) {
        const auto it = std::partition_point(spans_.begin(), spans_.end(),
                                             [from](const LaneSpan& span) { return span.end <= from; });
        first = static_cast<std::size_t>(it - spans_.begin());
    } else {
        first =
            static_cast<std::size_t>(std::upper_bound(reach_.begin(), reach_.end(), from) - reach_.begin());
    }
    const auto end = std::partition_point(spans_.begin(), spans_.end(),
                                          [to](const LaneSpan& span) { return span.begin < to; });
    const auto last = static_cast<std::size_t>(end - spans_.begin());
    if (first >= last) return {};
    return std::span<const LaneSpan>(spans_).subspan(first, last - first);
}

const LaneSpan* SpanLane::at(std::int64_t moment) const {
    const auto under = visible(moment, moment + 1);
    for (auto span = under.rbegin(); span != under.rend(); ++span) {
        if (span->begin <= moment && moment < span->end) return &*span;
    }
    return nullptr;
}

}  // namespace rondo::ui
