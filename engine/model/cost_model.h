#pragma once

#include <cstdint>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/clock.h"
#include "engine/core/ids.h"
#include "engine/model/model_plan.h"

namespace rondo {

struct LayerTimes {
    Picoseconds backwardInput{0}, backwardWeight{0};
};

/// What a rank's computation costs in virtual time: arithmetic over device speed, or the times typed in.
/// Typed-in times hold for one full batch whatever the model; backward is then shared among the layers as
/// their arithmetic is. Times of the layers hold for one full batch or micro-batch. Loading, partitioning and
/// evaluating are free.
class CostModel {
  public:
    /// Throws BadInput when the settings give times of layers, but not of each.
    CostModel(const RunSpec& spec, const ModelPlan& model);

    Picoseconds forward(Rank rank, std::int64_t samples) const;
    /// Per layer, in the model's order; the sums over layers are exact.
    std::vector<LayerTimes> backward(Rank rank, std::int64_t samples) const;
    Picoseconds update(Rank rank) const;

    // The same of the layers [firstLayer, endLayer) alone; ranges that meet add up exactly. Typed-in times
    // are given whatever the range: only the caller knows which share of a stage it is.
    Picoseconds forward(Rank rank, std::int64_t samples, int firstLayer, int endLayer) const;
    Picoseconds backwardInput(Rank rank, std::int64_t samples, int firstLayer, int endLayer) const;
    Picoseconds backwardWeight(Rank rank, std::int64_t samples, int firstLayer, int endLayer) const;
    Picoseconds update(Rank rank, std::int64_t parameters) const;

    /// forward_ms and the like are given: they mean one batch on one worker, or one micro-batch on one stage.
    bool typedIn() const { return typedIn_; }
    double speedOf(Rank rank) const { return speeds_[rank.index()]; }

  private:
    Picoseconds time(Rank rank, double flops) const;
    struct Work {
        double (LayerPlan::*flops)() const;
        double LayerTimesSpec::*milliseconds;
    };
    static const Work kForward, kBackwardInput, kBackwardWeight;
    Picoseconds upTo(Rank rank, std::int64_t samples, const Work& work, int endLayer) const;
    Picoseconds range(Rank rank, std::int64_t samples, const Work& work, int first, int end) const;
    const ModelPlan& model_;
    std::vector<double> speeds_;
    double flopsPerSecond_, updateFlops_;  // the latter for one parameter
    TimesSpec times_;
    bool typedIn_;
};

}  // namespace rondo
