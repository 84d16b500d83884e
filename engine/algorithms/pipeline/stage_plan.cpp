#include "engine/algorithms/pipeline/stage_plan.h"

#include <algorithm>
#include <numeric>

#include "engine/algorithms/pipeline/schedule_stream.h"
#include "engine/comm/network_terms.h"
#include "engine/model/model_part.h"
#include "engine/model/stage_cut.h"

namespace rondo {

Rank rankOf(const MeshShape& mesh, const MeshPlace& place) {
    return Rank{(place.data * mesh.pipeline + place.stage) * mesh.tensor + place.tensor};
}

MeshPlace placeOf(const MeshShape& mesh, Rank rank) {
    const int replica = mesh.pipeline * mesh.tensor;
    return {rank.value / replica, rank.value % replica / mesh.tensor, rank.value % mesh.tensor};
}

namespace {

ScheduleKind kindOf(ScheduleChoice choice) {
    return static_cast<ScheduleKind>(choice);
}
static_assert(static_cast<int>(ScheduleChoice::PipeDream2bw) == static_cast<int>(ScheduleKind::PipeDream2bw));

template <class T>
T valueOr(Result<T> result, const std::string& where) {
    if (result) return std::move(result).value();
    Problems problems = result.problems();
    for (Problem& problem : problems) {
        problem.what = problem.text();
        problem.where = where;
    }
    throw BadInput(std::move(problems));
}

std::vector<double> secondsByLayer(const RunSpec& spec, const ModelPlan& model) {
    // Typed-in times are those of a stage, whatever is in it.
    RunSpec plain = spec;
    plain.cluster.times.forwardMs = plain.cluster.times.backwardInputMs =
        plain.cluster.times.backwardWeightMs = plain.cluster.times.updateMs = std::nullopt;
    plain.cluster.overrides.clear();
    const CostModel costs(plain, model);
    const std::int64_t samples = std::max<std::int64_t>(1, spec.batch);
    std::vector<double> seconds;
    for (int layer = 0; layer < static_cast<int>(model.layers.size()); ++layer)
        seconds.push_back(secondsOf(costs.forward(Rank{0}, samples, layer, layer + 1) +
                                    costs.backwardInput(Rank{0}, samples, layer, layer + 1) +
                                    costs.backwardWeight(Rank{0}, samples, layer, layer + 1)));
    return seconds;
}

std::vector<LayerRange> cut(const RunSpec& spec, const StagesSpec& stages, const ModelPlan& model,
                            int parts) {
    std::vector<double> weights;
    if (stages.cut == CutBy::Time) weights = secondsByLayer(spec, model);
    for (const LayerPlan& layer : model.layers)
        if (stages.cut != CutBy::Time)
            weights.push_back(stages.cut == CutBy::Parameters ? static_cast<double>(layer.parameters())
                                                              : 1.0);
    const Result<std::vector<int>> begins =
        cutLayers(weights, parts, stages.cut, stages.cutAt,
                  std::holds_alternative<HybridAlgorithm>(spec.algorithm) ? "algorithm.pipeline" : "workers");
    if (!begins) throw BadInput(begins.problems());
    std::vector<LayerRange> ranges;
    for (std::size_t i = 0; i < begins->size(); ++i)
        ranges.push_back({(*begins)[i],
                          i + 1 < begins->size() ? (*begins)[i + 1] : static_cast<int>(model.layers.size())});
    return ranges;
}

PipelineSchedule scheduleOf(const StagesSpec& stages, int stageCount) {
    const int m = static_cast<int>(stages.microBatches);
    if (stages.schedule != ScheduleChoice::Hand)
        return valueOr(makeSchedule(kindOf(stages.schedule), stageCount, m, static_cast<int>(stages.chunks)),
                       "algorithm.schedule");
    PipelineSchedule schedule = valueOr(parseSchedule(stages.order), "algorithm.order");
    const auto require = [](bool fine, std::string what) {
        if (!fine) throw BadInput(Problem{"algorithm.order", std::move(what)});
    };
    require(schedule.stageCount() == stageCount, "it has " + std::to_string(schedule.stageCount()) +
                                                     " stages, expected " + std::to_string(stageCount));
    require(schedule.microBatches == m, "it has " + std::to_string(schedule.microBatches) +
                                            " micro-batches, expected algorithm.micro_batches, " +
                                            std::to_string(m));
    if (stages.chunks > 1 && stages.chunks != schedule.chunks)
        throw BadInput(Problem{"algorithm.chunks", std::to_string(stages.chunks) + ", expected the " +
                                                       std::to_string(schedule.chunks) +
                                                       " of algorithm.order, or 1 to leave it to that"});
    valueOr(playSchedule(schedule, PassTimes{}), "algorithm.order");
    return schedule;
}

}  // namespace

StagePlan planStages(const RunSpec& spec, const ModelPlan& model) {
    StagePlan plan;
    plan.mesh = meshOf(spec);
    const auto layers = static_cast<int>(model.layers.size());
    const StagesSpec* stages = stagesOf(spec);
    if (!stages) {
        plan.schedule = valueOr(makeSchedule(ScheduleKind::GPipe, 1, 1), "algorithm");
        plan.frozenSchedule = plan.schedule;
        plan.parts = {{0, layers}};
        return plan;
    }
    plan.schedule = scheduleOf(*stages, plan.mesh.pipeline);
    plan.schedule.recompute = stages->recompute;
    plan.parts = cut(spec, *stages, model, plan.schedule.partCount());
    for (const auto& ops : plan.schedule.stages)
        for (const PipelineOp& op : ops) plan.splitsBackward |= op.pass == Pass::BackwardWeight;
    if (stages->freezeLayers >= layers)
        throw BadInput(
            Problem{"algorithm.freeze_layers", std::to_string(stages->freezeLayers) + ", expected at most " +
                                                   std::to_string(layers - 1) + ": the model has " +
                                                   std::to_string(layers) + " layers, and one has to learn"});
    plan.frozenLayers = static_cast<int>(stages->freezeLayers);
    plan.freezeAfter = stages->freezeAfter;
    int frozenParts = 0;
    for (const LayerRange& part : plan.parts) frozenParts += part.end <= plan.frozenLayers;
    plan.frozenSchedule = freeze(plan.schedule, frozenParts);
    return plan;
}

PartCosts::PartCosts(const RunSpec& spec, const ModelPlan& model, const StagePlan& plan)
    : spec_(spec), model_(model), plan_(plan), costs_(spec, model), shares_(plan.parts.size()) {
    if (plan.mesh.tensor == 1) return;
    for (std::size_t i = 0; i < shares_.size(); ++i) {
        const LayerRange& range = plan.parts[i];
        const ModelPart whole = partOf(model, range.first, range.end);
        const ModelPart own = partOf(model, range.first, range.end, plan.mesh.tensor, 0);
        const auto share = [&](double (LayerPlan::*flops)() const) {
            const auto sum = [&](const ModelPart& part) {
                double all = 0;
                for (const LayerPlan& layer : part.plan.layers) all += (layer.*flops)();
                return all;
            };
            const double all = sum(whole);
            return all > 0 ? sum(own) / all : 1.0;
        };
        shares_[i] = {share(&LayerPlan::forwardFlops), share(&LayerPlan::backwardInputFlops),
                      share(&LayerPlan::backwardWeightFlops)};
    }
}

PartCosts::Passes PartCosts::of(int part, Rank rank, std::int64_t samples, bool frozen) const {
    const TimesSpec& times = spec_.cluster.times;
    const double speed = costs_.speedOf(rank);
    if (costs_.typedIn()) {
        const auto typed = [&](std::optional<double> ms) {
            return picosecondsOf(ms.value_or(0) * 1e-3 / speed / plan_.chunks());
        };
        return {typed(times.forwardMs), typed(times.backwardInputMs), typed(times.backwardWeightMs)};
    }
    const LayerRange& range = plan_.parts[static_cast<std::size_t>(part)];
    const Share& share = shares_[static_cast<std::size_t>(part)];
    const auto shared = [](Picoseconds whole, double of) {
        return of == 1 ? whole : picosecondsOf(secondsOf(whole) * of);
    };
    const Picoseconds forward = shared(costs_.forward(rank, samples, range.first, range.end), share.forward);
    const int learning = frozen ? std::clamp(plan_.frozenLayers, range.first, range.end) : range.first;
    if (learning == range.end) return {forward};
    // Below the first layer that learns nobody waits for a gradient.
    const int lowest = part <= plan_.frozenSchedule.frozenParts && frozen ? learning + 1 : range.first;
    const Picoseconds input =
        shared(costs_.backwardInput(rank, samples, lowest, range.end), share.backwardInput);
    const Picoseconds weight =
        shared(costs_.backwardWeight(rank, samples, learning, range.end), share.backwardWeight);
    if (frozen && part > 0 && part == plan_.frozenSchedule.frozenParts)
        return {forward, Picoseconds{0}, input + weight};
    return {forward, input, weight};
}

Picoseconds PartCosts::update(Rank rank, std::int64_t parameters) const {
    const Picoseconds whole = costs_.update(rank);
    if (costs_.typedIn()) return whole;
    return picosecondsOf(secondsOf(whole) * static_cast<double>(parameters) /
                         static_cast<double>(std::max<std::int64_t>(1, model_.parameters())));
}

namespace {
std::int64_t microSamples(const RunSpec& spec, const StagePlan& plan) {
    return (spec.batch + plan.microBatches() - 1) / plan.microBatches();
}
std::int64_t parametersOf(const ModelPlan& model, const LayerRange& range) {
    std::int64_t sum = 0;
    for (int layer = range.first; layer < range.end; ++layer)
        sum += model.layers[static_cast<std::size_t>(layer)].parameters();
    return sum;
}
}  // namespace

StageTimes stageTimes(const RunSpec& spec, const ModelPlan& model, const StagePlan& plan) {
    const PartCosts costs(spec, model, plan);
    const NetworkTerms network = networkTermsOf(spec.cluster, static_cast<int>(spec.workers));
    const std::int64_t samples = microSamples(spec, plan);
    StageTimes times;
    std::vector<std::int64_t> parameters(static_cast<std::size_t>(plan.mesh.pipeline));  // of a tensor rank
    for (std::size_t i = 0; i < plan.parts.size(); ++i) {
        const int part = static_cast<int>(i), stage = plan.stageOf(part);
        const Rank rank = rankOf(plan.mesh, {0, stage, 0});
        const Rank next = rankOf(plan.mesh, {0, (stage + 1) % plan.mesh.pipeline, 0});
        const auto passes = costs.of(part, rank, samples);
        const auto& last = model.layers[static_cast<std::size_t>(plan.parts[i].end - 1)];
        const double bytes = static_cast<double>(samples * last.outputElements() * 4);
        const double message =
            plan.mesh.pipeline > 1 ? network.linkOf(rank.value, next.value).seconds(bytes) : 0;
        times.parts.push_back({secondsOf(passes.forward), secondsOf(passes.backwardInput),
                               secondsOf(passes.backwardWeight), message});
        const LayerRange& range = plan.parts[i];
        parameters[static_cast<std::size_t>(stage)] +=
            partOf(model, range.first, range.end, plan.mesh.tensor, 0).parameters();
    }
    for (int stage = 0; stage < plan.mesh.pipeline; ++stage)
        times.updates.push_back(secondsOf(
            costs.update(rankOf(plan.mesh, {0, stage, 0}), parameters[static_cast<std::size_t>(stage)])));
    return times;
}

namespace {
/// Floats the optimiser keeps beside each weight and its gradient.
int optimizerFloats(const OptimizerSpec& optimizer) {
    if (const auto* sgd = std::get_if<SgdOptimizer>(&optimizer)) return sgd->momentum > 0 ? 1 : 0;
    return std::holds_alternative<AdamOptimizer>(optimizer) ? 2 : 1;
}
}  // namespace

std::vector<StageFigures> stageFigures(const RunSpec& spec, const ModelPlan& model, const StagePlan& plan) {
    const StageTimes times = stageTimes(spec, model, plan);
    const std::vector<double> peaks = plan.schedule.peakActivations();
    const std::vector<int> inputs = plan.schedule.peakInputs();
    std::vector<StageFigures> figures(static_cast<std::size_t>(plan.mesh.pipeline));
    for (std::size_t i = 0; i < plan.parts.size(); ++i) {
        const auto stage = static_cast<std::size_t>(plan.stageOf(static_cast<int>(i)));
        StageFigures& own = figures[stage];
        own.parts.push_back(plan.parts[i]);
        own.parameters += parametersOf(model, plan.parts[i]);
        own.seconds += times.parts[i].all();
        std::int64_t kept = 0;
        for (int layer = plan.parts[i].first; layer < plan.parts[i].end; ++layer)
            kept += model.layers[static_cast<std::size_t>(layer)].activationElements();
        own.peakActivations = peaks[stage];
        const std::int64_t input =
            i == 0 ? model.input.features()
                   : model.layers[static_cast<std::size_t>(plan.parts[i].first - 1)].outputElements();
        // An activation of the stage is one of each of its chunks; of inputs each chunk has its own.
        own.activationBytes += static_cast<std::int64_t>(
            (peaks[stage] * static_cast<double>(kept) +
             static_cast<double>(inputs[stage]) / plan.chunks() * static_cast<double>(input)) *
            static_cast<double>(4 * microSamples(spec, plan)));
    }
    for (std::size_t s = 0; s < figures.size(); ++s) {
        const int versions = weightVersions(plan.schedule, static_cast<int>(s), StageStream::kManyBatches);
        figures[s].weightBytes = figures[s].parameters * 4 * (versions + 1 + optimizerFloats(spec.optimizer));
    }
    return figures;
}

}  // namespace rondo
