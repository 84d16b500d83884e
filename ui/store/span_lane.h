#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "engine/events/event.h"

namespace rondo::ui {

/// A span as the timeline keeps it: 32 bytes, times in ns since run start. What doesn't fit into its field is
/// cut to the largest that does.
struct LaneSpan {
    std::int64_t begin = 0, end = 0;
    std::int32_t step = kNone;
    std::int16_t bucket = kNone;
    Phase phase = Phase::Forward;
    bool fused = false;
    std::int16_t microBatch = kNone;  ///< of a pipeline stage
    std::int16_t chunk = kNone;       ///< model chunk, of a stage that holds several
    std::int16_t peer = kNone;        ///< of a wait: whose message ended it

    static LaneSpan of(const Span& event);
    double seconds() const { return static_cast<double>(end - begin) * 1e-9; }
};
static_assert(sizeof(LaneSpan) == 32);

/// The spans of one rank and lane, ordered by begin. Spans arrive nearly in order; a late one is inserted in
/// place. Who owns the lanes of a run decides when the oldest half is forgotten; forgottenBefore() says up to
/// when there is nothing left.
class SpanLane {
  public:
    SpanLane(int rank, Lane lane) : rank_(rank), lane_(lane) {}
    int rank() const { return rank_; }
    Lane lane() const { return lane_; }
    void add(const LaneSpan& span);
    void forgetOldestHalf();  ///< at least one span
    std::span<const LaneSpan> spans() const { return spans_; }
    /// How many were there before spans(): who counts along knows a span by forgotten() + its place.
    std::size_t forgotten() const { return forgotten_; }
    /// Grows when a late span moves others from their places.
    std::uint64_t insertions() const { return insertions_; }
    /// The shortest stretch that holds all spans that touch [from, to), by binary search. Where spans lie
    /// within others it may hold some that don't touch.
    std::span<const LaneSpan> visible(std::int64_t from, std::int64_t to) const;
    /// The span that lies over a moment, the one that began last when there are several; nullptr in a gap.
    const LaneSpan* at(std::int64_t moment) const;
    std::optional<std::int64_t> forgottenBefore() const { return forgottenBefore_; }

  private:
    void rebuildReach(std::size_t from);

    int rank_;
    Lane lane_;
    std::vector<LaneSpan> spans_;
    /// Latest end of spans 0 … i; empty as long as ends are in order themselves, which is nearly always.
    std::vector<std::int64_t> reach_;
    std::optional<std::int64_t> forgottenBefore_;
    std::size_t forgotten_ = 0;
    std::uint64_t insertions_ = 0;
};

}  // namespace rondo::ui
