#pragma once

#include <array>
#include <optional>
#include <vector>

#include "ui/store/lane_follower.h"

namespace rondo::ui {

/// A pass or its repetition: what a pipeline stage is there for. All else of its time is bubble.
bool isPass(Phase phase);

/// What a stage did of one step: ns from the start of its first pass to the end of its last one, and how much
/// of that it computed (passes of other steps that fall into it included).
struct StageStep {
    std::int32_t step = kNone;
    std::int64_t begin = 0, end = 0, busy = 0;
    std::int64_t time() const { return end - begin; }
    std::int64_t idle() const { return time() - busy; }
    double bubble() const {
        return time() > 0 ? static_cast<double>(idle()) / static_cast<double>(time()) : 0;
    }
};

/// Mean seconds of the passes of one chunk of a stage's model, sums over tensor ranks included; 0 where there
/// was none.
struct PassMeans {
    double forward = 0, backward = 0, backwardInput = 0, backwardWeight = 0;  ///< backward: both in one
    double recompute = 0;
};

/// The steps of one stage, kept as its lane grows.
class StageLedger {
  public:
    StageLedger() = default;
    void follow(const SpanLane& lane);
    /// In the order of their numbers; those the lane has forgotten are left out.
    const std::vector<StageStep>& steps() const { return steps_; }
    const StageStep* step(int number) const;  ///< O(1)
    /// The steps that touch [from, to), ns.
    std::span<const StageStep> between(std::int64_t from, std::int64_t to) const;
    /// Without those of the first step, in which everything is slow for once, when there are others.
    PassMeans means(int chunk) const;
    double meanUpdate() const;  ///< seconds
    /// How much of its passes a stage computed; the rest it summed up with ranks that share its layers.
    double computingShare() const;

  private:
    struct Sum {
        std::int64_t ns = 0, count = 0;
        double mean() const {
            return count > 0 ? static_cast<double>(ns) * 1e-9 / static_cast<double>(count) : 0;
        }
    };
    struct Sums {
        Sum forward, backward, backwardInput, backwardWeight, recompute;
    };
    struct Anew {};
    StageLedger(const StageLedger& other, Anew);  ///< empty, but as far along the lane
    void take(const LaneSpan& span);
    void average(const LaneSpan& span);

    LaneFollower follower_;
    std::vector<StageStep> steps_;
    std::vector<std::int64_t> busyBefore_;  ///< of each step: of all others, when it began
    std::int64_t busy_ = 0;
    std::int64_t passNs_ = 0, sumNs_ = 0;  ///< of all passes, and of the sums in them
    std::int32_t firstStep_ = kNone;
    std::array<std::vector<Sums>, 2> sums_;  ///< of the first step and of the others; by chunk
    std::array<Sum, 2> updates_;
    struct Pass {
        std::size_t era = 0, chunk = 0;
        Sum Sums::*sum = nullptr;
        std::int32_t step = kNone;
        std::int16_t microBatch = kNone;
        bool operator==(const Pass&) const = default;
    } pass_;  ///< the latest: where ranks share a layer, it is several spans with sums between them
};

}  // namespace rondo::ui
