#include "ui/setup/topologies.h"

#include <QCoreApplication>

#include "engine/config/validate.h"
#include "ui/setup/parts_settings.h"

namespace rondo::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Topologies", text);
}

/// What is set of this kind now, else its defaults.
template <class Kind>
Kind startingFrom(const RunSpec& now) {
    const auto* same = std::get_if<Kind>(&now.algorithm);
    return same ? *same : Kind{};
}

/// Which entry of the chooser a schedule is.
ScheduleChoice entryOf(ScheduleChoice schedule) {
    switch (schedule) {
        case ScheduleChoice::ZbH2:
            return ScheduleChoice::ZbH1;
        case ScheduleChoice::PipeDream2bw:
            return ScheduleChoice::PipeDream;
        default:
            return schedule;
    }
}

/// The same stages in another order.
StagesSpec stagesWith(StagesSpec stages, ScheduleChoice schedule) {
    if (entryOf(stages.schedule) == schedule) return stages;
    stages.schedule = schedule;
    stages.order.clear();
    stages.chunks = schedule == ScheduleChoice::Interleaved ? 2 : 1;
    if (schedule == ScheduleChoice::PipeDream) stages.freezeLayers = stages.freezeAfter = 0;
    return stages;
}

/// As many replicas as there are workers for, of two stages of two ranks.
HybridAlgorithm meshFor(const RunSpec& now) {
    HybridAlgorithm mesh;
    if (now.workers >= 4 && now.workers % 4 == 0) mesh.data = now.workers / 4;
    if (const StagesSpec* stages = stagesOf(now)) mesh.stages = *stages;
    return mesh;
}

void addParts(const RunSpec& now, std::vector<Topology>& all) {
    const QString family = tr("Model in parts");
    StagesSpec stages;
    if (const StagesSpec* set = stagesOf(now))
        stages = *set;
    else
        stages.microBatches = 0;  // whatever suits the batch
    const auto pipes = [&](const char* name, ScheduleChoice schedule) {
        PipelineAlgorithm one{stagesWith(stages, schedule)};
        if (one.stages.microBatches == 0)
            one.stages.microBatches = std::max<std::int64_t>(
                1, microBatchesFor(now.batch, std::max<std::int64_t>(2, now.workers), schedule));
        all.push_back({family, tr(name), one});
    };
    pipes("Pipeline, GPipe", ScheduleChoice::GPipe);
    pipes("Pipeline, 1F1B", ScheduleChoice::OneFOneB);
    pipes("Pipeline, interleaved", ScheduleChoice::Interleaved);
    pipes("Pipeline, zero bubble", ScheduleChoice::ZbH1);
    pipes("Pipeline, PipeDream", ScheduleChoice::PipeDream);
    all.push_back({family, tr("Shared layers (tensor)"), TensorAlgorithm{}});
    const auto* hybrid = std::get_if<HybridAlgorithm>(&now.algorithm);
    all.push_back({family, tr("Hybrid"), hybrid ? *hybrid : meshFor(now)});
}

}  // namespace

std::vector<Topology> topologiesFor(const RunSpec& now) {
    std::vector<Topology> all;
    const auto reduce = startingFrom<AllReduceAlgorithm>(now);
    const auto sums = [&](const char* name, Collective collective) {
        AllReduceAlgorithm one = reduce;
        one.collective = collective;
        all.push_back({tr("All-reduce"), tr(name), one});
    };
    sums("Ring", Collective::Ring);
    sums("Tree", Collective::Tree);
    sums("Halving-doubling", Collective::HalvingDoubling);
    sums("Hierarchical", Collective::Hierarchical);
    sums("Naive", Collective::Naive);
    sums("Automatic", Collective::Auto);

    const auto server = startingFrom<ParameterServerAlgorithm>(now);
    const auto serves = [&](const char* name, ServerMode mode) {
        ParameterServerAlgorithm one = server;
        one.mode = mode;
        if (mode != ServerMode::Sync) one.backup = 0;  // only an update that waits can do without some
        all.push_back({tr("Parameter server"), tr(name), one});
    };
    serves("Synchronous", ServerMode::Sync);
    serves("Asynchronous", ServerMode::Async);
    serves("Stale-synchronous", ServerMode::Stale);

    const auto gossip = startingFrom<GossipAlgorithm>(now);
    const auto talks = [&](const char* name, GraphKind graph) {
        GossipAlgorithm one = gossip;
        one.graph = graph;
        if (graph != GraphKind::Edges) one.edges.clear();
        all.push_back({tr("Gossip"), tr(name), one});
    };
    talks("Ring", GraphKind::Ring);
    talks("Torus", GraphKind::Torus);
    talks("Star", GraphKind::Star);
    talks("Line", GraphKind::Line);
    talks("Full graph", GraphKind::Full);

    const auto map = startingFrom<MapReduceAlgorithm>(now);
    const auto maps = [&](const char* name, ReduceShape shape) {
        MapReduceAlgorithm one = map;
        one.reduce = shape;
        all.push_back({tr("Map and reduce"), tr(name), one});
    };
    maps("By a tree", ReduceShape::Tree);
    maps("By a star", ReduceShape::Star);
    addParts(now, all);
    return all;
}

bool sameTopology(const AlgorithmSpec& a, const AlgorithmSpec& b) {
    if (a.index() != b.index()) return false;
    if (const auto* one = std::get_if<AllReduceAlgorithm>(&a))
        return one->collective == std::get<AllReduceAlgorithm>(b).collective;
    if (const auto* one = std::get_if<ParameterServerAlgorithm>(&a))
        return one->mode == std::get<ParameterServerAlgorithm>(b).mode;
    if (const auto* one = std::get_if<GossipAlgorithm>(&a))
        return one->graph == std::get<GossipAlgorithm>(b).graph;
    if (const auto* one = std::get_if<MapReduceAlgorithm>(&a))
        return one->reduce == std::get<MapReduceAlgorithm>(b).reduce;
    if (const auto* one = std::get_if<PipelineAlgorithm>(&a))
        return entryOf(one->stages.schedule) == entryOf(std::get<PipelineAlgorithm>(b).stages.schedule);
    return true;
}

RunSpec settingsWith(const RunSpec& now, const AlgorithmSpec& algorithm) {
    RunSpec next = now;
    next.algorithm = algorithm;
    fitParts(next);
    return next;
}

QString whyNot(const RunSpec& spec, const AlgorithmSpec& algorithm) {
    const Problems problems = validate(settingsWith(spec, algorithm));
    return problems.empty() ? QString() : QString::fromStdString(problems.front().text());
}

}  // namespace rondo::ui
