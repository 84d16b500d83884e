#include "engine/algorithms/gossip.h"

#include "engine/comm/collectives/neighbour_average.h"

namespace rondo {

Gossip::Gossip(const GossipAlgorithm& spec, int workers)
    : kind_(spec.graph),
      graph_(makeGraph(spec, workers)),
      mixing_(metropolisWeights(graph_)),
      sendOrder_(sendOrder(graph_)) {}

void Gossip::train(Worker& worker) const {
    const auto& neighbours = graph_.neighbours[worker.rank().index()];
    const MixingRow& mixing = mixing_[worker.rank().index()];
    while (worker.beginStep()) {
        worker.forward();
        worker.backward();
        worker.weighByOwnBatch();
        worker.update();
        worker.synchronise([&](Communicator& comm) {
            neighbourAverage(comm, worker.weights(), neighbours, sendOrder_[worker.rank().index()],
                             mixing.own, mixing.neighbours);
        });
        worker.endStep();
    }
}

std::optional<double> Gossip::secondEigenvalue() const {
    const auto known = knownSecondEigenvalue(kind_, graph_.nodes());
    return known ? known : iterateSecondEigenvalue(graph_).value;
}

std::vector<DirectedLink> Gossip::links(std::size_t most) const {
    std::vector<DirectedLink> links;
    for (int node = 0; node < graph_.nodes(); ++node)
        for (const int other : graph_.neighbours[static_cast<std::size_t>(node)]) {
            if (links.size() == most) return {};
            links.emplace_back(Rank{node}, Rank{other});
        }
    return links;
}

std::string Gossip::picture() const {
    const std::string workers =
        std::to_string(graph_.nodes()) + (graph_.nodes() == 1 ? " worker" : " workers");
    switch (kind_) {
        case GraphKind::Ring:
            return workers + " in a ring, each averages with both neighbours";
        case GraphKind::Torus:
            return workers + " on a torus, each averages with its neighbours";
        case GraphKind::Star:
            return workers + " in a star around worker 0";
        case GraphKind::Line:
            return workers + " in a line";
        case GraphKind::Full:
            return workers + ", each averages with all";
        case GraphKind::Edges:
            return workers + (graph_.connected() ? " on links of your own" : " in parts that never agree");
    }
    return workers;
}

std::string Gossip::formula() const {
    if (graph_.largestDegree() == 0) return {};
    return "α + d·S/β\nS bytes of the model, α latency and β bandwidth of a link, d the most neighbours a "
           "worker has";
}

std::int64_t Gossip::bytesSent(std::span<const BucketRange> buckets, Rank rank, int) const {
    return elementsOf(buckets) * 4 * graph_.degree(rank.value);
}

std::int64_t Gossip::messages(std::span<const BucketRange>, int) const {
    std::int64_t sum = 0;
    for (int node = 0; node < graph_.nodes(); ++node) sum += graph_.degree(node);
    return sum;
}

double Gossip::exchangeSeconds(const BucketRange& bucket, const NetworkTerms& network) const {
    const LinkTerms link = network.slowest();
    const int most = graph_.largestDegree();
    return most == 0 ? 0
                     : link.latency + most * static_cast<double>(bucket.elements()) * 4 / link.bytesPerSecond;
}

}  // namespace rondo
