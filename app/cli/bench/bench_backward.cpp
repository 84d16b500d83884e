#include <time.h>
#include <torch/torch.h>

#include <chrono>

#include "app/cli/bench/bench.h"
#include "engine/training/blas.h"
#include "engine/training/loss.h"
#include "engine/training/memory.h"
#include "engine/training/replica.h"
#include "engine/training/split_backward.h"

namespace rondo::cli {

namespace {

using Clock = std::chrono::steady_clock;
constexpr double kSecondsEach = 3;
constexpr std::size_t kLeastRounds = 9;

/// Processor time of this thread, which does all the work: what else the computer is busy with stays out.
double processorMilliseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

double millisecondsOf(auto&& work) {
    const double begin = processorMilliseconds();
    work();
    return processorMilliseconds() - begin;
}

struct Subject {
    const char* name;
    ModelSpec model;
    SampleShape shape;
    std::int64_t batch;
};

const auto kNoSum = [](torch::Tensor&) {};

/// The backward pass of one model three ways, in turn: as LibTorch does it over the whole graph, in halves,
/// and cut but with both halves at once.
boost::json::object measure(const Subject& subject) {
    const ModelPlan plan = planModel(subject.model, subject.shape);
    Replica replica(plan, 1);
    std::vector<torch::Tensor> tensors;
    for (const auto& parameter : replica.parameters()) tensors.push_back(parameter.tensor);
    std::vector<std::int64_t> dims{subject.batch};
    dims.insert(dims.end(), subject.shape.dims.begin(), subject.shape.dims.end());
    const bool sequences = subject.shape.positions > 1;
    const torch::Tensor x =
        sequences ? torch::randint(0, subject.shape.classes, dims).to(torch::kFloat32) : torch::rand(dims);
    const torch::Tensor y =
        torch::randint(0, subject.shape.classes, sequences ? dims : std::vector<std::int64_t>{subject.batch});

    std::vector<double> whole, split, input, weight, together, ratios, stageRatios;
    const auto lossGradient = [&](const torch::Tensor& output) {
        const torch::Tensor leaf = output.detach().requires_grad_(true);
        return torch::autograd::grad({lossSum(plan.loss, leaf, y)}, {leaf})[0];
    };
    const auto began = Clock::now();
    const auto enough = [&] {
        return whole.size() > kLeastRounds &&
               std::chrono::duration<double>(Clock::now() - began).count() > kSecondsEach;
    };
    while (!enough()) {
        replica.flatGradients().zero_();
        const torch::Tensor loss = lossSum(plan.loss, replica.forward(x), y);
        whole.push_back(millisecondsOf([&] { loss.backward(); }));

        replica.flatGradients().zero_();
        SplitBackward halves(SplitBackward::Cut::EveryOperation, false);
        const torch::Tensor output = halves.forward(plan.layers, tensors, x, kNoSum);
        input.push_back(millisecondsOf([&] { halves.backwardInput(lossGradient(output), kNoSum); }));
        weight.push_back(millisecondsOf([&] { halves.backwardWeight(); }));
        split.push_back(input.back() + weight.back());

        replica.flatGradients().zero_();
        SplitBackward both(SplitBackward::Cut::OnlySums, false);
        const torch::Tensor again = both.forward(plan.layers, tensors, x, kNoSum);
        together.push_back(millisecondsOf([&] { both.backwardBoth(lossGradient(again), kNoSum); }));
    }
    // Of each round, so that what else the computer does meanwhile strikes both sides; the first warms up.
    for (std::size_t i = 1; i < whole.size(); ++i) {
        ratios.push_back(split[i] / whole[i]);
        stageRatios.push_back(together[i] / whole[i]);
    }
    return {{"model", subject.name},
            {"batch", subject.batch},
            {"parameters", plan.parameters()},
            {"rounds", ratios.size()},
            {"backward_ms", median(whole)},
            {"backward_input_ms", median(input)},
            {"backward_weight_ms", median(weight)},
            {"split_ms", median(split)},
            {"ratio", median(ratios)},
            {"stage_ratio", median(stageRatios)}};
}

}  // namespace

boost::json::object benchBackward() {
    useOneTorchThread();
    keepFreedMemory();
    const SampleShape pictures{{1, 28, 28}, 10}, sequences{{64}, 40, 64};
    boost::json::array results;
    for (const Subject& subject :
         {Subject{"mlp", MlpModel{}, pictures, 128}, Subject{"cnn", CnnModel{}, pictures, 16},
          Subject{"transformer", TransformerModel{4, 128, 4}, sequences, 8},
          Subject{"resnet20", Resnet20Model{}, SampleShape{{3, 32, 32}, 10}, 8}})
        results.push_back(measure(subject));
    return {{"results", std::move(results)}};
}

std::string benchBackwardText(const boost::json::object& result) {
    std::string text =
        "Backward pass in halves (gradients of inputs, then of weights) against one pass, milliseconds of "
        "processor:\n"
        "model        batch   one pass   inputs  weights  together  ratio\n";
    for (const auto& entry : result.at("results").as_array()) {
        const auto& r = entry.as_object();
        char line[200];
        std::snprintf(line, sizeof line, "%-12s %5lld %10.3f %8.3f %8.3f %9.3f  %5.3f\n",
                      r.at("model").as_string().c_str(), static_cast<long long>(r.at("batch").as_int64()),
                      r.at("backward_ms").as_double(), r.at("backward_input_ms").as_double(),
                      r.at("backward_weight_ms").as_double(), r.at("split_ms").as_double(),
                      r.at("ratio").as_double());
        text += line;
    }
    text.pop_back();
    return text;
}

}  // namespace rondo::cli
