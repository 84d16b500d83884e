#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo {

/// Who is whose neighbour: undirected, without loops, each neighbour once, in ascending order.
struct Graph {
    std::vector<std::vector<int>> neighbours;  ///< by node
    int nodes() const { return static_cast<int>(neighbours.size()); }
    int degree(int node) const { return static_cast<int>(neighbours[static_cast<std::size_t>(node)].size()); }
    int largestDegree() const;
    bool connected() const;
    bool full() const;  ///< everyone is everyone's neighbour
};

/// The graph the settings name, over `nodes` nodes. A torus is as square as the number allows; of a prime
/// number it is a ring. The centre of a star is node 0.
Graph makeGraph(const GossipAlgorithm& spec, int nodes);

/// In which order each node sends to its neighbours, so that none gets two messages at once while all keep
/// step: an edge colouring of senders against receivers with as many colours as the largest degree (König
/// 1916), at a cost of O(links · (nodes + degree)) at worst. Where nodes · degree is above 100,000, and in
/// the full graph, each begins with the next one up instead, which is as good in full graphs, rings and
/// lines.
std::vector<std::vector<int>> sendOrder(const Graph& graph);

/// Row i of a mixing matrix W: what node i's own value weighs, and its neighbours', in their order.
struct MixingRow {
    double own = 1;
    std::vector<double> neighbours;
};

/// Metropolis weights (Xiao, Boyd 2004): W_ij = 1/(1 + max(d_i, d_j)) between neighbours, the rest to
/// oneself. Symmetric and doubly stochastic whatever the graph, and no node needs to know more than its
/// neighbours' degrees.
std::vector<MixingRow> metropolisWeights(const Graph& graph);

// The largest absolute value among W's eigenvalues but the first, which is 1: the factor by which distance to
// agreement shrinks in a round. 1 where the graph is in parts, which never agree.

/// In closed form, of Metropolis weights on the graphs that have a name; empty for Edges.
std::optional<double> knownSecondEigenvalue(GraphKind kind, int nodes);

struct IteratedEigenvalue {
    double value = 0;  ///< never too large
    std::int64_t linkVisits = 0;
};
/// Of any graph: power iteration on W², to 10⁻⁹, and no longer than 20,000 rounds or about `mostVisits` links
/// (a tenth of a second), which is a little too low for thousands of nodes in a chain.
IteratedEigenvalue iterateSecondEigenvalue(const Graph& graph, std::int64_t mostVisits = 50'000'000);

}  // namespace rondo
