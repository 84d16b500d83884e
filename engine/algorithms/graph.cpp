#include "engine/algorithms/graph.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "engine/core/ids.h"

namespace rondo {

namespace {

using Links = std::set<std::pair<int, int>>;

void addLink(Links& links, int a, int b) {
    if (a != b) links.insert({std::min(a, b), std::max(a, b)});
}

void addTorus(Links& links, int nodes) {
    int rows = static_cast<int>(std::sqrt(static_cast<double>(nodes)));
    while (nodes % rows != 0) --rows;
    const int columns = nodes / rows;
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            const int here = row * columns + column;
            addLink(links, here, row * columns + (column + 1) % columns);
            addLink(links, here, (row + 1) % rows * columns + column);
        }
}

}  // namespace

int Graph::largestDegree() const {
    int most = 0;
    for (int node = 0; node < nodes(); ++node) most = std::max(most, degree(node));
    return most;
}

bool Graph::connected() const {
    std::vector<bool> seen(neighbours.size());
    std::vector<int> reached{0};
    if (!seen.empty()) seen[0] = true;
    for (std::size_t i = 0; i < reached.size() && !seen.empty(); ++i)
        for (const int next : neighbours[static_cast<std::size_t>(reached[i])])
            if (!seen[static_cast<std::size_t>(next)]) {
                seen[static_cast<std::size_t>(next)] = true;
                reached.push_back(next);
            }
    return std::find(seen.begin(), seen.end(), false) == seen.end();
}

Graph makeGraph(const GossipAlgorithm& spec, int nodes) {
    Links links;
    switch (spec.graph) {
        case GraphKind::Ring:
            for (int i = 0; i < nodes; ++i) addLink(links, i, (i + 1) % nodes);
            break;
        case GraphKind::Torus:
            addTorus(links, nodes);
            break;
        case GraphKind::Star:
            for (int i = 1; i < nodes; ++i) addLink(links, 0, i);
            break;
        case GraphKind::Line:
            for (int i = 1; i < nodes; ++i) addLink(links, i - 1, i);
            break;
        case GraphKind::Full:
            for (int i = 0; i < nodes; ++i)
                for (int j = 0; j < i; ++j) addLink(links, j, i);
            break;
        case GraphKind::Edges:
            for (const auto& [a, b] : spec.edges)
                if (a < nodes && b < nodes) addLink(links, static_cast<int>(a), static_cast<int>(b));
            break;
    }
    Graph graph;
    graph.neighbours.resize(static_cast<std::size_t>(nodes));
    for (const auto& [a, b] : links) {
        graph.neighbours[static_cast<std::size_t>(a)].push_back(b);
        graph.neighbours[static_cast<std::size_t>(b)].push_back(a);
    }
    for (auto& list : graph.neighbours) std::sort(list.begin(), list.end());
    return graph;
}

namespace {

/// Colours of messages: no two of one sender or of one receiver have the same.
class Colouring {
  public:
    Colouring(int nodes, int colours)
        : colours_(static_cast<std::size_t>(colours)),
          to_(static_cast<std::size_t>(nodes) * colours_, kNone),
          from_(to_.size(), kNone) {}

    void add(int sender, int receiver) {
        const int a = freeOf(to_, sender), b = freeOf(from_, receiver);
        if (a != b) swapAlong(receiver, a, b);
        set(sender, receiver, a);
    }
    int receiverOf(int sender, std::size_t colour) const {
        return to_[place(sender, static_cast<int>(colour))];
    }

  private:
    std::size_t place(int node, int colour) const {
        return static_cast<std::size_t>(node) * colours_ + static_cast<std::size_t>(colour);
    }
    int freeOf(const std::vector<int>& used, int node) const {
        const auto begin = used.begin() + static_cast<std::ptrdiff_t>(place(node, 0));
        return static_cast<int>(std::find(begin, begin + static_cast<std::ptrdiff_t>(colours_), kNone) -
                                begin);
    }
    void set(int sender, int receiver, int colour) {
        to_[place(sender, colour)] = receiver;
        from_[place(receiver, colour)] = sender;
    }
    /// Exchanges colours a and b along the path of both that begins at `receiver`, where b is free, so that a
    /// is.
    void swapAlong(int receiver, int a, int b) {
        std::vector<std::pair<int, int>> path;  // sender, receiver; of colour a, b, a …
        for (int end = receiver, colour = a, sender; (sender = from_[place(end, colour)]) != kNone;) {
            path.emplace_back(sender, end);
            const int next = to_[place(sender, b)];
            if (next == kNone) break;
            path.emplace_back(sender, next);
            end = next;
        }
        for (std::size_t i = 0; i < path.size(); ++i) {
            const int old = i % 2 == 0 ? a : b;
            to_[place(path[i].first, old)] = from_[place(path[i].second, old)] = kNone;
        }
        for (std::size_t i = 0; i < path.size(); ++i) set(path[i].first, path[i].second, i % 2 == 0 ? b : a);
    }
    std::size_t colours_;
    std::vector<int> to_, from_;  ///< by node and colour
};

}  // namespace

std::vector<std::vector<int>> sendOrder(const Graph& graph) {
    constexpr std::int64_t kMostCells = 4'000'000;
    std::vector<std::vector<int>> order(graph.neighbours.size());
    const int colours = graph.largestDegree();
    if (std::int64_t{graph.nodes()} * colours > kMostCells) {
        for (int node = 0; node < graph.nodes(); ++node) {
            auto& own = order[static_cast<std::size_t>(node)] =
                graph.neighbours[static_cast<std::size_t>(node)];
            std::rotate(own.begin(), std::upper_bound(own.begin(), own.end(), node), own.end());
        }
        return order;
    }
    Colouring colouring(graph.nodes(), colours);
    for (int node = 0; node < graph.nodes(); ++node)
        for (const int other : graph.neighbours[static_cast<std::size_t>(node)]) colouring.add(node, other);
    for (int node = 0; node < graph.nodes(); ++node)
        for (std::size_t colour = 0; colour < static_cast<std::size_t>(colours); ++colour)
            if (const int to = colouring.receiverOf(node, colour); to != kNone)
                order[static_cast<std::size_t>(node)].push_back(to);
    return order;
}

std::vector<MixingRow> metropolisWeights(const Graph& graph) {
    std::vector<MixingRow> rows(graph.neighbours.size());
    for (int node = 0; node < graph.nodes(); ++node) {
        MixingRow& row = rows[static_cast<std::size_t>(node)];
        for (const int other : graph.neighbours[static_cast<std::size_t>(node)]) {
            const double weight = 1.0 / (1 + std::max(graph.degree(node), graph.degree(other)));
            row.neighbours.push_back(weight);
            row.own -= weight;
        }
    }
    return rows;
}

double secondEigenvalue(const Graph& graph) {
    constexpr int kMostRounds = 20'000;
    const auto nodes = graph.neighbours.size();
    if (nodes < 2) return 0;
    if (!graph.connected()) return 1;
    const auto rows = metropolisWeights(graph);
    const auto mix = [&](const std::vector<double>& x) {
        std::vector<double> y(nodes);
        for (std::size_t i = 0; i < nodes; ++i) {
            y[i] = rows[i].own * x[i];
            for (std::size_t k = 0; k < rows[i].neighbours.size(); ++k)
                y[i] += rows[i].neighbours[k] * x[static_cast<std::size_t>(graph.neighbours[i][k])];
        }
        return y;
    };
    /// Leaves nothing of the first eigenvector, which is constant, and returns the length of the rest.
    const auto centre = [&](std::vector<double>& x) {
        const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(nodes);
        double square = 0;
        for (double& value : x) value -= mean, square += value * value;
        return std::sqrt(square);
    };
    // No eigenvector is orthogonal to a start as uneven as this.
    std::vector<double> x(nodes);
    for (std::size_t i = 0; i < nodes; ++i) x[i] = std::sin(1.0 + 0.7 * static_cast<double>(i * i));
    double length = centre(x), square = 0;
    for (int round = 0; round < kMostRounds; ++round) {
        for (double& value : x) value /= length;
        x = mix(mix(x));
        length = centre(x);
        if (length < 1e-18) return 0;
        if (std::abs(length - square) < 1e-12 * length && round > 50) break;
        square = length;
    }
    return std::sqrt(length);
}

}  // namespace rondo
