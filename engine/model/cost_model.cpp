#include "engine/model/cost_model.h"

#include <utility>

#include "engine/core/overloaded.h"
#include "engine/core/result.h"

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
      updateFlops_(updateFlopsPerParameter(spec.optimizer)),
      times_(spec.cluster.times),
      typedIn_(times_.layers.empty() && (times_.ofStages() || times_.updateMs)) {
    if (const std::size_t given = times_.layers.size(); given > 0 && given != model.layers.size())
        throw BadInput(Problem{"cluster.times.layers", std::to_string(given) +
                                                           " given, expected one for each of the model's " +
                                                           std::to_string(model.layers.size()) + " layers"});
    for (const WorkerOverride& exception : spec.cluster.overrides)
        speeds_[static_cast<std::size_t>(exception.worker)] = exception.speed;
}

Picoseconds CostModel::time(Rank rank, double flops) const {
    return picosecondsOf(flops / (flopsPerSecond_ * speedOf(rank)));
}

const CostModel::Work CostModel::kForward{&LayerPlan::forwardFlops, &LayerTimesSpec::forwardMs};
const CostModel::Work CostModel::kBackwardInput{&LayerPlan::backwardInputFlops,
                                                &LayerTimesSpec::backwardInputMs};
const CostModel::Work CostModel::kBackwardWeight{&LayerPlan::backwardWeightFlops,
                                                 &LayerTimesSpec::backwardWeightMs};

Picoseconds CostModel::upTo(Rank rank, std::int64_t samples, const Work& work, int endLayer) const {
    double sum = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(endLayer); ++i)
        sum += times_.layers.empty() ? (model_.layers[i].*work.flops)() : times_.layers[i].*work.milliseconds;
    return times_.layers.empty() ? time(rank, sum * static_cast<double>(samples))
                                 : milliseconds(sum, speedOf(rank));
}

// Each border is rounded, not each range: so ranges that meet add up to the whole.
Picoseconds CostModel::range(Rank rank, std::int64_t samples, const Work& work, int first, int end) const {
    return upTo(rank, samples, work, end) - upTo(rank, samples, work, first);
}

Picoseconds CostModel::forward(Rank rank, std::int64_t samples) const {
    return forward(rank, samples, 0, static_cast<int>(model_.layers.size()));
}

Picoseconds CostModel::forward(Rank rank, std::int64_t samples, int firstLayer, int endLayer) const {
    if (typedIn_) return milliseconds(times_.forwardMs, speedOf(rank));
    return range(rank, samples, kForward, firstLayer, endLayer);
}

Picoseconds CostModel::backwardInput(Rank rank, std::int64_t samples, int firstLayer, int endLayer) const {
    if (typedIn_) return milliseconds(times_.backwardInputMs, speedOf(rank));
    return range(rank, samples, kBackwardInput, firstLayer, endLayer);
}

Picoseconds CostModel::backwardWeight(Rank rank, std::int64_t samples, int firstLayer, int endLayer) const {
    if (typedIn_) return milliseconds(times_.backwardWeightMs, speedOf(rank));
    return range(rank, samples, kBackwardWeight, firstLayer, endLayer);
}

std::vector<LayerTimes> CostModel::backward(Rank rank, std::int64_t samples) const {
    if (!times_.layers.empty()) {
        std::vector<LayerTimes> times;
        for (int i = 0; i < static_cast<int>(times_.layers.size()); ++i)
            times.push_back(
                {backwardInput(rank, samples, i, i + 1), backwardWeight(rank, samples, i, i + 1)});
        return times;
    }
    double inputFlops = 0, weightFlops = 0;
    for (const LayerPlan& layer : model_.layers) {
        inputFlops += layer.backwardInputFlops();
        weightFlops += layer.backwardWeightFlops();
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
        times.push_back({input.next(evenInput ? 1.0 : layer.backwardInputFlops()),
                         weight.next(layer.backwardWeightFlops())});
    return times;
}

Picoseconds CostModel::update(Rank rank) const {
    return update(rank, model_.parameters());
}

Picoseconds CostModel::update(Rank rank, std::int64_t parameters) const {
    if (typedIn_ || !times_.layers.empty()) return milliseconds(times_.updateMs, speedOf(rank));
    return time(rank, updateFlops_ * static_cast<double>(parameters));
}

}  // namespace rondo
