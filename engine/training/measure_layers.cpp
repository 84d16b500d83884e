#include "engine/training/measure_layers.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "engine/core/result.h"
#include "engine/data/dataset.h"
#include "engine/training/batch.h"
#include "engine/training/blas.h"
#include "engine/training/loss.h"
#include "engine/training/memory.h"
#include "engine/training/split_backward.h"

namespace rondo {

namespace {

constexpr int kLeastRounds = 7, kMostRounds = 51;
constexpr double kSeconds = 1.0;

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// As many samples of the run's data as a micro-batch has: making or reading the rest would take longer than
/// measuring.
Batch firstBatch(const RunSpec& spec, std::int64_t samples, SampleShape& shape) {
    DataSpec few = spec.data;
    std::visit(
        [&](auto& data) {
            data.train = data.train == 0 ? samples : std::min(data.train, samples);
            data.test = 1;
        },
        few);
    const Dataset data = loadDataset(few, static_cast<std::uint64_t>(spec.seed));
    shape = data.train.shape;
    std::vector<std::int64_t> chosen(static_cast<std::size_t>(samples));
    for (std::size_t i = 0; i < chosen.size(); ++i)
        chosen[i] = static_cast<std::int64_t>(i) % data.train.size();
    return batchOf(data.train, chosen);
}

/// One layer with its tensors, and the times of its rounds.
struct Probe {
    std::span<const LayerPlan> layer;
    std::span<const torch::Tensor> tensors;
    SplitBackward pass;
    std::vector<double> forward, input, weight;
};

}  // namespace

MeasuredLayers measureLayers(const RunSpec& spec) {
    if (spec.weights.modelled)
        throw BadInput(Problem{"model.weights", "modelled, expected real: there is nothing to measure"});
    useOneTorchThread();
    keepFreedMemory();
    MeasuredLayers measured;
    const StagesSpec* stages = stagesOf(spec);
    measured.samples = std::max<std::int64_t>(1, spec.batch / (stages ? stages->microBatches : 1));
    SampleShape shape;
    const Batch batch = firstBatch(spec, measured.samples, shape);
    const ModelPlan plan = planModel(spec, shape);
    const torch::Tensor weights = initialWeights(plan, static_cast<std::uint64_t>(spec.seed)),
                        gradients = torch::zeros_like(weights);
    const std::vector<torch::Tensor> tensors = tensorsOver(plan, weights, gradients);

    std::vector<Probe> probes;
    std::span<const torch::Tensor> rest(tensors);
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        std::size_t own = 0;
        for (const OpPlan& op : plan.layers[i].ops) own += op.tensors.size();
        probes.push_back({std::span(plan.layers).subspan(i, 1), rest.first(own),
                          SplitBackward(SplitBackward::Cut::EveryOperation, i > 0)});
        rest = rest.subspan(own);
    }
    const auto noSum = [](torch::Tensor&) {};
    const auto timed = [](std::vector<double>& times, auto&& work) {
        const auto begin = Clock::now();
        work();
        times.push_back(millisecondsSince(begin));
    };
    const auto began = Clock::now();
    // Round by round through the whole model, so that each layer finds the caches as a training step leaves
    // them. The first round warms up.
    for (int round = 0; round <= kMostRounds; ++round) {
        if (round > kLeastRounds && millisecondsSince(began) > kSeconds * 1e3) break;
        torch::Tensor flow = batch.inputs;
        for (Probe& probe : probes)
            timed(probe.forward, [&] { flow = probe.pass.forward(probe.layer, probe.tensors, flow, noSum); });
        const torch::Tensor output = flow.requires_grad_(true);
        flow = torch::autograd::grad({lossSum(plan.loss, output, batch.targets)}, {output})[0];
        for (auto probe = probes.rbegin(); probe != probes.rend(); ++probe) {
            timed(probe->input, [&] { flow = probe->pass.backwardInput(flow, noSum); });
            timed(probe->weight, [&] { probe->pass.backwardWeight(); });
        }
        if (round == 0)
            for (Probe& probe : probes)
                for (auto* times : {&probe.forward, &probe.input, &probe.weight}) times->clear();
    }
    for (const Probe& probe : probes) {
        measured.names.push_back(probe.layer[0].name);
        measured.parameters.push_back(probe.layer[0].parameters());
        measured.times.push_back({median(probe.forward), median(probe.input), median(probe.weight)});
    }
    return measured;
}

RunSpec withTimes(RunSpec spec, const MeasuredLayers& measured) {
    spec.runOn = RunOn::Virtual;
    TimesSpec& times = spec.cluster.times;
    times.forwardMs = times.backwardInputMs = times.backwardWeightMs = std::nullopt;
    times.layers = measured.times;
    return spec;
}

}  // namespace rondo
