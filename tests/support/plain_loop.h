#pragma once

#include "engine/data/batch_plan.h"
#include "engine/training/batch.h"
#include "engine/training/optimizer.h"
#include "engine/training/replica.h"
#include "engine/training/training_run.h"

namespace rondo::test {

/// From this step on so many workers train.
struct WorkersFrom {
    std::int64_t step = 0, workers = 0;
};

/// The weights that a loop without ranks, algorithms and messages comes to after so many steps: at each, the
/// mean gradient of the samples that are the workers' then, and one update.
inline std::vector<float> plainLoop(const RunSpec& spec, const std::vector<WorkersFrom>& worlds,
                                    std::int64_t steps) {
    const auto seed = static_cast<std::uint64_t>(spec.seed);
    const auto data = loadData(spec, {});
    Replica replica(planModel(spec, data->train.shape), seed);
    const auto optimizer = makeOptimizer(spec.optimizer);
    EpochOrders orders(data->train.size(), seed);
    BatchPlan::Start start{Step{0}, {}};
    for (std::size_t w = 0; w < worlds.size(); ++w) {
        const std::int64_t end = w + 1 < worlds.size() ? worlds[w + 1].step : steps;
        BatchPlan plan(orders, spec.batch, static_cast<int>(worlds[w].workers), spec.split, start);
        for (std::int64_t i = worlds[w].step; i < end; ++i) {
            const Step step{static_cast<std::int32_t>(i)};
            std::vector<std::int64_t> chosen;
            for (std::int32_t rank = 0; rank < worlds[w].workers; ++rank) {
                const auto slice = plan.slice(Rank{rank}, step).samples;
                chosen.insert(chosen.end(), slice.begin(), slice.end());
            }
            const Batch batch = batchOf(data->train, chosen);
            replica.flatGradients().zero_();
            (replica.lossSum(replica.forward(batch.inputs), batch.targets) /
             static_cast<double>(chosen.size()))
                .backward();
            const torch::NoGradGuard noGrad;
            optimizer->update(replica.flatWeights(), replica.flatGradients());
            start = {Step{step.value + 1}, plan.placeAfter(step)};
        }
    }
    const auto weights = replica.weights();
    return {weights.begin(), weights.end()};
}

/// The largest difference.
inline double apart(std::span<const float> a, std::span<const float> b) {
    if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    return most;
}

}  // namespace rondo::test
