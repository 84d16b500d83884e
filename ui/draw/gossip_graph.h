#pragma once

#include <QString>
#include <optional>

#include "engine/config/run_spec.h"

namespace rondo::ui {

// Graphs of gossip as they are drawn by hand: each link once, as a pair of workers.

/// The same links as a graph that can be drawn on.
GossipAlgorithm drawnGraph(const GossipAlgorithm& graph, int workers);
/// With one link more (or the same graph, where it has that link) or less.
GossipAlgorithm withLink(GossipAlgorithm graph, int a, int b);
GossipAlgorithm withoutLink(GossipAlgorithm graph, int a, int b);
bool hasLink(const GossipAlgorithm& graph, int a, int b);

/// What the second eigenvalue means, in words: "λ₂ = 0.54: disagreement halves in 1.1 rounds". `connected`:
/// the graph is not in parts.
QString agreementText(double secondEigenvalue, bool connected);

}  // namespace rondo::ui
