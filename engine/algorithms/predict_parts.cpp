#include "engine/algorithms/predict_parts.h"

#include <algorithm>

#include "engine/algorithms/pipeline/schedule_stream.h"
#include "engine/comm/collectives/collective_cost.h"
#include "engine/comm/network_terms.h"

namespace rondo {

namespace {

/// Steps played, and passes in them: of very long schedules fewer steps, but one after the first.
constexpr std::int64_t kPlayedSteps = 16, kPlayedPasses = 2'000'000;

std::int64_t playedSteps(const PipelineSchedule& schedule) {
    std::int64_t passes = 0;
    for (const auto& ops : schedule.stages) passes += static_cast<std::int64_t>(ops.size());
    return std::clamp<std::int64_t>(kPlayedPasses / std::max<std::int64_t>(1, passes), 2, kPlayedSteps);
}

/// Passes with the sums over tensor ranks in them, and the gradients of replicas in front of updates.
StageTimes timesWithSums(const RunSpec& spec, const ModelPlan& model, const ModelParallel& algorithm) {
    const StagePlan& plan = algorithm.plan();
    StageTimes times = stageTimes(spec, model, plan);
    NetworkTerms network = networkTermsOf(spec.cluster, static_cast<int>(spec.workers));
    const auto ring = [&](std::int64_t elements, int ranks) {
        NetworkTerms group = network;
        group.ranks = ranks;
        return secondsOf(Collective::Ring, static_cast<double>(elements * 4), group);
    };
    std::vector<std::int64_t> parameters(times.updates.size());
    const std::int64_t samples = spec.batch / plan.microBatches();
    for (std::size_t i = 0; i < times.parts.size(); ++i) {
        const auto& traffic = algorithm.traffic(static_cast<int>(i));
        for (const std::int64_t elements : traffic.sums.forward)
            times.parts[i].forward += ring(elements * samples, plan.mesh.tensor);
        for (const std::int64_t elements : traffic.sums.backward)
            times.parts[i].backwardInput += ring(elements * samples, plan.mesh.tensor);
        parameters[static_cast<std::size_t>(plan.stageOf(static_cast<int>(i)))] += traffic.parameters;
    }
    for (std::size_t stage = 0; stage < parameters.size(); ++stage)
        times.updates[stage] += ring(parameters[stage], plan.mesh.data);
    return times;
}

}  // namespace

void predictParts(Prediction& p, const RunSpec& spec, const ModelPlan& model,
                  const ModelParallel& algorithm) {
    const StagePlan& plan = algorithm.plan();
    auto& parts = p.parts.emplace();
    parts.peakActivations = plan.scheduleAt(Step{0}).peakActivations();
    const std::int64_t most = playedSteps(plan.schedule), steps = p.steps.value_or(most);
    for (int stage = 0; stage < plan.mesh.pipeline; ++stage)
        parts.weightVersions.push_back(weightVersions(plan.schedule, stage, steps));
    if (spec.runOn != RunOn::Virtual) return;

    const StageTimes times = timesWithSums(spec, model, algorithm);
    const auto played = playSteps(plan.schedule, times, static_cast<int>(std::min(steps, most)));
    if (!played) return;
    const auto& stages = played->whole.stages;
    const auto count = static_cast<double>(played->bubbles.size());
    // What one step more takes, once the pipeline is in its stride.
    const auto endOf = [&](std::size_t step) {
        double end = 0;
        for (std::size_t s = 0; s < stages.size(); ++s)
            for (const PipelineSpan& span : stages[s])
                if (static_cast<std::size_t>(span.op.microBatch / plan.microBatches()) == step)
                    end = std::max(end, span.end + times.updates[s]);
        return end;
    };
    const std::size_t last = played->bubbles.size() - 1;
    const double end = endOf(last);
    // The last one played may be one in which the pipeline drains.
    const std::size_t usual = last > 1 ? last - 1 : last;
    p.stepSeconds = usual > 0 ? endOf(usual) - endOf(usual - 1) : end;
    double compute = 0;
    for (const double busy : played->whole.busy) compute = std::max(compute, busy / count);
    p.computeSeconds = compute;
    const bool freezes = plan.frozenAt(Step{static_cast<std::int32_t>(std::max<std::int64_t>(0, steps - 1))});
    // Sums are no computation, though the player takes them for it.
    if (plan.mesh.tensor == 1 && !freezes)
        parts.bubbleFraction =
            (played->meanBubble() * count + (static_cast<double>(steps) - count) * played->bubbles[usual]) /
            static_cast<double>(steps);
    if (!p.steps || freezes) return;
    p.seconds = end + (static_cast<double>(steps) - count) * *p.stepSeconds;
    if (*p.seconds > 0)
        p.samplesPerSecond = static_cast<double>(steps * spec.batch * plan.mesh.data) / *p.seconds;
}

}  // namespace rondo
