#include "engine/algorithms/map_reduce.h"

#include "engine/comm/collectives/collective_cost.h"
#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/star.h"

namespace rondo {

namespace {
constexpr Rank kDriver{0};
constexpr CollectiveTraits kWeights{.tag = 1}, kGradients{.tag = 2};
}  // namespace

void MapReduce::train(Worker& worker) const {
    const bool star = spec_.reduce == ReduceShape::Star;
    while (worker.beginStep()) {
        worker.synchronise([&](Communicator& comm) {
            if (star)
                starBroadcast(comm, kDriver, worker.weights(), kWeights);
            else
                broadcast(comm, kDriver, worker.weights(), kWeights);
        });
        worker.forward();
        worker.backward();
        worker.synchronise([&](Communicator& comm) {
            if (star)
                starReduce(comm, kDriver, worker.gradients(), kGradients);
            else
                reduce(comm, kDriver, worker.gradients(), kGradients);
        });
        if (worker.rank() == kDriver) worker.update();
        worker.endStep();
    }
}

std::vector<DirectedLink> MapReduce::links(std::size_t most) const {
    if (spec_.reduce == ReduceShape::Tree) return linksOf(Collective::Tree, workers_, 0, most);
    std::vector<DirectedLink> links;
    if (std::size_t{2} * static_cast<std::size_t>(workers_ - 1) > most) return links;
    for (int worker = 1; worker < workers_; ++worker) links.emplace_back(kDriver, Rank{worker});
    for (int worker = 1; worker < workers_; ++worker) links.emplace_back(Rank{worker}, kDriver);
    return links;
}

std::string MapReduce::picture() const {
    return std::to_string(workers_) + (workers_ == 1 ? " worker" : " workers") +
           (spec_.reduce == ReduceShape::Star ? ", worker 0 talks to each"
                                              : ", worker 0 at the root of a tree");
}

std::string MapReduce::formula() const {
    return std::string(spec_.reduce == ReduceShape::Star ? "2α + N·S/β" : "2⌈log₂N⌉(α + S/β)") +
           "\nN workers, S bytes of the model, α latency and β bandwidth of a link";
}

std::int64_t MapReduce::bytesSent(std::span<const BucketRange> buckets, Rank rank, int workers) const {
    const std::int64_t elements = elementsOf(buckets);
    if (spec_.reduce == ReduceShape::Tree)
        return rondo::bytesSent(Collective::Tree, elements, rank, workers, 0);
    return elements * 4 * (rank == kDriver ? workers - 1 : 1);
}

std::int64_t MapReduce::messages(std::span<const BucketRange>, int workers) const {
    return std::int64_t{2} * (workers - 1);
}

double MapReduce::exchangeSeconds(const BucketRange& bucket, const NetworkTerms& network) const {
    const double bytes = static_cast<double>(bucket.elements()) * 4;
    if (spec_.reduce == ReduceShape::Tree) return secondsOf(Collective::Tree, bytes, network);
    if (network.ranks == 1) return 0;
    const LinkTerms link = network.slowest();
    return 2 * link.latency + network.ranks * bytes / link.bytesPerSecond;
}

}  // namespace rondo
