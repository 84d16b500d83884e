#include "engine/algorithms/graph.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/ids.h"

namespace rondo {

namespace {

/// Rows and columns, as square as the number allows.
std::pair<int, int> torusOf(int nodes) {
    int rows = static_cast<int>(std::sqrt(static_cast<double>(nodes)));
    while (nodes % rows != 0) --rows;
    return {rows, nodes / rows};
}

template <class Link>
void eachLink(const GossipAlgorithm& spec, int nodes, const Link& link) {
    switch (spec.graph) {
        case GraphKind::Ring:
            for (int i = 0; i < nodes; ++i) link(i, (i + 1) % nodes);
            return;
        case GraphKind::Torus: {
            const auto [rows, columns] = torusOf(nodes);
            for (int i = 0; i < nodes; ++i) {
                const int row = i / columns, column = i % columns;
                link(i, row * columns + (column + 1) % columns);
                link(i, (row + 1) % rows * columns + column);
            }
            return;
        }
        case GraphKind::Star:
            for (int i = 1; i < nodes; ++i) link(0, i);
            return;
        case GraphKind::Line:
            for (int i = 1; i < nodes; ++i) link(i - 1, i);
            return;
        case GraphKind::Full:
            for (int i = 0; i < nodes; ++i)
                for (int j = 0; j < i; ++j) link(j, i);
            return;
        case GraphKind::Edges:
            for (const auto& [a, b] : spec.edges)
                if (a < nodes && b < nodes) link(static_cast<int>(a), static_cast<int>(b));
            return;
    }
}

}  // namespace

int Graph::largestDegree() const {
    int most = 0;
    for (int node = 0; node < nodes(); ++node) most = std::max(most, degree(node));
    return most;
}

bool Graph::full() const {
    return std::all_of(neighbours.begin(), neighbours.end(),
                       [&](const auto& list) { return list.size() + 1 == neighbours.size(); });
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
    Graph graph;
    graph.neighbours.resize(static_cast<std::size_t>(nodes));
    eachLink(spec, nodes, [&](int a, int b) {
        if (a == b) return;
        graph.neighbours[static_cast<std::size_t>(a)].push_back(b);
        graph.neighbours[static_cast<std::size_t>(b)].push_back(a);
    });
    for (auto& list : graph.neighbours) {
        std::sort(list.begin(), list.end());
        list.erase(std::unique(list.begin(), list.end()), list.end());
    }
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
    constexpr std::int64_t kMostCells = 100'000;
    std::vector<std::vector<int>> order(graph.neighbours.size());
    const int colours = graph.largestDegree();
    if (graph.full() || std::int64_t{graph.nodes()} * colours > kMostCells) {
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

std::optional<double> knownSecondEigenvalue(GraphKind kind, int nodes) {
    if (nodes < 2) return 0.0;
    const double n = nodes;
    // Of the links alone, without weights: those of a ring of so many nodes.
    const auto ringTerm = [](int size, int k) {
        if (size < 3) return size == 2 ? std::cos(M_PI * k) : 0.0;
        return 2 * std::cos(2 * M_PI * k / size);
    };
    switch (kind) {
        case GraphKind::Ring:
        case GraphKind::Torus: {
            // Regular of degree d: W = (I + A)/(1 + d), and the links A of a torus are two rings' sum.
            const auto [rows, columns] = kind == GraphKind::Ring ? std::pair(1, nodes) : torusOf(nodes);
            const double degree = ringTerm(rows, 0) + ringTerm(columns, 0);
            double largest = 0;
            for (int row = 0; row < rows; ++row)
                for (int column = row == 0 ? 1 : 0; column < columns; ++column)
                    largest =
                        std::max(largest, std::abs(1 + ringTerm(rows, row) + ringTerm(columns, column)));
            return largest / (1 + degree);
        }
        case GraphKind::Star:  // W = I − L/n, and the star's Laplacian has 0, 1 and n
            return nodes == 2 ? 0.0 : 1 - 1 / n;
        case GraphKind::Line:  // W = I − L/3, and the line's Laplacian has 2 − 2cos(πk/n)
            return nodes == 2 ? 0.0 : (1 + 2 * std::cos(M_PI / n)) / 3;
        case GraphKind::Full:  // all weigh 1/n: one round is enough
            return 0.0;
        case GraphKind::Edges:
            break;
    }
    return std::nullopt;
}

IteratedEigenvalue iterateSecondEigenvalue(const Graph& graph, std::int64_t mostVisits) {
    constexpr int kMostRounds = 20'000;
    const auto nodes = graph.neighbours.size();
    if (nodes < 2) return {0, 0};
    if (!graph.connected()) return {1, 0};
    const auto rows = metropolisWeights(graph);
    std::int64_t visits = 0;
    const auto mix = [&](const std::vector<double>& x) {
        std::vector<double> y(nodes);
        for (std::size_t i = 0; i < nodes; ++i) {
            y[i] = rows[i].own * x[i];
            for (std::size_t k = 0; k < rows[i].neighbours.size(); ++k)
                y[i] += rows[i].neighbours[k] * x[static_cast<std::size_t>(graph.neighbours[i][k])];
            visits += static_cast<std::int64_t>(rows[i].neighbours.size());
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
    for (int round = 0; round < kMostRounds && visits < mostVisits; ++round) {
        for (double& value : x) value /= length;
        x = mix(mix(x));
        length = centre(x);
        if (length < 1e-18) return {0, visits};
        if (std::abs(length - square) < 1e-12 * length && round > 50) break;
        square = length;
    }
    return {std::sqrt(length), visits};
}

}  // namespace rondo
