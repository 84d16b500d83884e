#pragma once

#include <optional>
#include <vector>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "ui/store/lane_follower.h"

namespace rondo::ui {

/// What one stage keeps at a moment.
struct StageLevel {
    int activations = 0;  ///< of chunks: as many a micro-batch as the stage has chunks
    int versions = 1;     ///< of its weights
    bool operator==(const StageLevel&) const = default;
};

/// Activations and weights a stage keeps over time, as its lane tells: an activation lives from the begin of
/// its forward (repeated: of the repetition) until its weight gradient is done.
class StageMemory {
  public:
    /// What of the plan decides who keeps what.
    struct Rules {
        int chunks = 1;
        bool recompute = false;
        bool streams = false;  ///< batches aren't flushed
        bool updatesEachMicroBatch = false;
        int microBatches = 1, delay = 0;  ///< delay: updates between a forward and its backward
        int frozenChunks = 0;             ///< the first so many keep nothing …
        std::int64_t freezeAfter = 0;     ///< … from this step on
        static Rules of(const StagePlan& plan, int stage);
    };
    StageMemory() = default;
    explicit StageMemory(const Rules& rules) : rules_(rules) {}
    void follow(const SpanLane& lane);
    int chunks() const { return rules_.chunks; }
    /// In micro-batches of the whole stage.
    double share(const StageLevel& level) const {
        return static_cast<double>(level.activations) / rules_.chunks;
    }
    const StageLevel& peak() const { return peak_; }  ///< each of both, of what is remembered
    bool hasVersions() const { return rules_.streams; }

    /// During span `index` and from its end on, for each of [first, last) of the lane, in order. Cost: 32
    /// spans more than asked for.
    template <class See>  // (const LaneSpan&, StageLevel during, StageLevel after)
    void each(const SpanLane& lane, std::size_t first, std::size_t last, See see) const {
        if (first >= last || blocks_.empty()) return;
        std::size_t i = first / kBlock * kBlock;
        State state = blocks_[first / kBlock].before;
        for (; i < last; ++i) {
            const LaneSpan& span = lane.spans()[i];
            begin(state, span);
            const StageLevel during = levelOf(state);
            end(state, span);
            if (i >= first) see(span, during, levelOf(state));
        }
    }
    /// The most of each of both during [first, last); of more than 32 spans those beside it may count too,
    /// less than 32 on either side. Cost: (last − first) / 32 + 64.
    StageLevel most(const SpanLane& lane, std::size_t first, std::size_t last) const;

  private:
    static constexpr std::size_t kBlock = 32;
    struct Pass {  ///< where ranks share a layer, a pass is several spans with sums between them
        Phase phase = Phase::Wait;
        std::int16_t microBatch = kNone, chunk = kNone;
        std::int32_t step = kNone;
        bool operator==(const Pass&) const = default;
    };
    struct State {
        std::int64_t newest = -1, freed = 0;  ///< micro-batches counted through the run, where they stream
        std::int32_t activations = 0, step = kNone;
        Pass pass, freedBy;
    };
    struct Block {
        State before;
        StageLevel most;
    };
    bool keeps(const LaneSpan& span) const;
    std::int64_t number(const LaneSpan& span) const;
    void begin(State& state, const LaneSpan& span) const;
    void end(State& state, const LaneSpan& span) const;
    StageLevel levelOf(const State& state) const;

    Rules rules_;
    LaneFollower follower_;
    State now_;
    StageLevel peak_;
    std::vector<Block> blocks_;  ///< of 32 spans each
};

}  // namespace rondo::ui
