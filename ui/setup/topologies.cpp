#include "ui/setup/topologies.h"

#include <QCoreApplication>

#include "engine/config/validate.h"

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
    return true;
}

QString whyNot(const RunSpec& spec, const AlgorithmSpec& algorithm) {
    RunSpec other = spec;
    other.algorithm = algorithm;
    const Problems problems = validate(other);
    return problems.empty() ? QString() : QString::fromStdString(problems.front().text());
}

}  // namespace rondo::ui
