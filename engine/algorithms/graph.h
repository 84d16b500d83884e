#pragma once

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
};

/// The graph the settings name, over `nodes` nodes. A torus is as square as the number allows; of a prime
/// number it is a ring. The centre of a star is node 0.
Graph makeGraph(const GossipAlgorithm& spec, int nodes);

/// In which order each node sends to its neighbours, so that none gets two messages at once while all keep
/// step: an edge colouring of senders against receivers with as many colours as the largest degree (König
/// 1916). Cost O(links · nodes) at worst. Of graphs with more than 4 million nodes · degree, each begins with
/// the next one up.
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

/// The largest absolute value among W's eigenvalues but the first, which is 1: the factor by which distance
/// to agreement shrinks in a round. 1 where the graph is in parts, which never agree. Power iteration on W²,
/// to 10⁻⁹ or 20,000 rounds; a round costs O(links).
double secondEigenvalue(const Graph& graph);

}  // namespace rondo
