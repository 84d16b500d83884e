#include "engine/model/cost_model.h"

#include <utility>

#include "engine/core/overloaded.h"

namespace rondo {

namespace {

double updateFlopsPerParameter(const OptimizerSpec& optimizer) {
    return std::visit(Overloaded{
                          [](const SgdOptimizer& s) {
                              return 2.0 + (s.momentum > 0 ? 2.0 : 0.0) + (s.weightDecay > 0 ? 2.0 : 0.0);
                          },
                          [](const AdamOptimizer&) { return 12.0; },
                          [](const AcceleratedOptimizer&) { return 5.0; },
                      },
                      optimizer);
}

Picoseconds milliseconds(std::optional<double> value, double speed) {
    return picosecondsOf(value.value_or(0) * 1e-3 / speed);
}

/// Cuts `whole` by the running share, so that the pieces add up to it exactly.
class Cutter {
  public:
    Cutter(Picoseconds whole, double total) : whole_(whole), total_(total) {}
    Picoseconds next(double share) {
        shared_ += share;
        const Picoseconds upTo{
            total_ > 0
                ? static_cast<std::int64_t>(static_cast<double>(whole_.count()) * (shared_ / total_) + 0.5)
                : 0};
        return upTo - std::exchange(given_, upTo);
    }

  private:
    Picoseconds whole_, given_{0};
    double total_, shared_ = 0;
};

}  // namespace

CostModel::CostModel(const RunSpec& spec, const ModelPlan& model)
    : model_(model),
      speeds_(static_cast<std::size_t>(spec.workers + serversOf(spec)), 1.0),
      flopsPerSecond_(spec.cluster.deviceGflops * 1e9),
      updateFlops_(updateFlopsPerParameter(spec.optimizer) * static_cast<double>(model.parameters())),
      times_(spec.cluster.times),
      typedIn_(times_.forwardMs || times_.backwardInputMs || times_.backwardWeightMs || times_.updateMs) {
    for (const WorkerOverride& exception : spec.cluster.overrides)
        speeds_[static_cast<std::size_t>(exception.worker)] = exception.speed;
}

Picoseconds CostModel::time(Rank rank, double flops) const {
    return picosecondsOf(flops / (flopsPerSecond_ * speedOf(rank)));
}

Picoseconds CostModel::forward(Rank rank, std::int64_t samples) const {
    if (typedIn_) return milliseconds(times_.forwardMs, speedOf(rank));
    return time(rank, model_.forwardFlops() * static_cast<double>(samples));
}

std::vector<LayerTimes> CostModel::backward(Rank rank, std::int64_t samples) const {
    double inputFlops = 0, weightFlops = 0;
    for (const LayerPlan& layer : model_.layers) {
        inputFlops += layer.backwardInputFlops;
        weightFlops += layer.backwardWeightFlops;
    }
    const double n = static_cast<double>(samples), speed = speedOf(rank);
    // A model of one layer has no input gradient to share a typed-in time by.
    const bool evenInput = typedIn_ && inputFlops == 0;
    Cutter input(typedIn_ ? milliseconds(times_.backwardInputMs, speed) : time(rank, inputFlops * n),
                 evenInput ? static_cast<double>(model_.layers.size()) : inputFlops);
    Cutter weight(typedIn_ ? milliseconds(times_.backwardWeightMs, speed) : time(rank, weightFlops * n),
                  weightFlops);
    std::vector<LayerTimes> times;
    for (const LayerPlan& layer : model_.layers)
        times.push_back(
            {input.next(evenInput ? 1.0 : layer.backwardInputFlops), weight.next(layer.backwardWeightFlops)});
    return times;
}

Picoseconds CostModel::update(Rank rank) const {
    if (typedIn_) return milliseconds(times_.updateMs, speedOf(rank));
    return time(rank, updateFlops_);
}

}  // namespace rondo
