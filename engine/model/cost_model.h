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
/// their arithmetic is. Loading, partitioning and evaluating are free.
class CostModel {
  public:
    CostModel(const RunSpec& spec, const ModelPlan& model);

    Picoseconds forward(Rank rank, std::int64_t samples) const;
    /// Per layer, in the model's order; the sums over layers are exact.
    std::vector<LayerTimes> backward(Rank rank, std::int64_t samples) const;
    Picoseconds update(Rank rank) const;
    double speedOf(Rank rank) const { return speeds_[rank.index()]; }

  private:
    Picoseconds time(Rank rank, double flops) const;
    const ModelPlan& model_;
    std::vector<double> speeds_;
    double flopsPerSecond_, updateFlops_;
    TimesSpec times_;
    bool typedIn_;
};

}  // namespace rondo
