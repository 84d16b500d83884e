#include "ui/draw/gossip_graph.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "engine/algorithms/graph.h"

namespace rondo::ui {

namespace {

bool joins(const std::pair<std::int64_t, std::int64_t>& edge, int a, int b) {
    return (edge.first == a && edge.second == b) || (edge.first == b && edge.second == a);
}

}  // namespace

GossipAlgorithm drawnGraph(const GossipAlgorithm& graph, int workers) {
    GossipAlgorithm drawn;
    drawn.graph = GraphKind::Edges;
    const Graph links = makeGraph(graph, workers);
    for (int a = 0; a < links.nodes(); ++a)
        for (const int b : links.neighbours[static_cast<std::size_t>(a)])
            if (a < b) drawn.edges.emplace_back(a, b);
    return drawn;
}

bool hasLink(const GossipAlgorithm& graph, int a, int b) {
    return std::any_of(graph.edges.begin(), graph.edges.end(),
                       [&](const auto& edge) { return joins(edge, a, b); });
}

GossipAlgorithm withLink(GossipAlgorithm graph, int a, int b) {
    if (a != b && !hasLink(graph, a, b)) graph.edges.emplace_back(std::min(a, b), std::max(a, b));
    return graph;
}

GossipAlgorithm withoutLink(GossipAlgorithm graph, int a, int b) {
    std::erase_if(graph.edges, [&](const auto& edge) { return joins(edge, a, b); });
    return graph;
}

QString agreementText(double secondEigenvalue, bool connected) {
    const auto tr = [](const char* text) { return QCoreApplication::translate("rondo", text); };
    if (!connected) return tr("λ₂ = 1.000, in parts: never agrees");
    if (secondEigenvalue < 1e-9) return tr("λ₂ = 0: all agree after one round");
    const double rounds = std::log(2.0) / -std::log(std::min(secondEigenvalue, 1 - 1e-15));
    // As many digits as tell it from 1.
    int digits = 2;
    while (digits < 9 && std::round(secondEigenvalue * std::pow(10, digits)) >= std::pow(10, digits))
        ++digits;
    return tr("λ₂ = %1: disagreement halves in %2 rounds")
        .arg(secondEigenvalue, 0, 'f', digits)
        .arg(rounds, 0, rounds < 100 ? 'f' : 'g', rounds < 100 ? 1 : 3);
}

}  // namespace rondo::ui
