#include "engine/algorithms/all_reduce.h"

#include "engine/comm/collectives/collective_cost.h"
#include "engine/comm/collectives/collectives.h"

namespace rondo {

void AllReduce::train(Worker& worker) const {
    while (worker.beginStep()) {
        worker.forward();
        if (spec_.overlap) {
            worker.backward([&](Bucket bucket) {
                worker.communicate(bucket, [&worker, bucket, this](Communicator& comm) {
                    sum(comm, worker.gradients(bucket), bucket);
                });
            });
            worker.finishCommunication();
        } else {
            worker.backward();
            worker.synchronise([&](Communicator& comm) { sum(comm, worker.gradients(), Bucket{0}); });
        }
        worker.update();
        worker.endStep();
    }
}

void AllReduce::sum(Communicator& comm, Values values, Bucket bucket) const {
    const CollectiveTraits traits{.tag = static_cast<Tag>(bucket.value), .bucket = bucket.value};
    switch (collectiveFor(static_cast<std::int64_t>(values.size()))) {
        case Collective::Ring:
            return ringAllReduce(comm, values, traits);
        case Collective::Naive:
            return naiveAllReduce(comm, values, traits);
        case Collective::Tree:
            return treeAllReduce(comm, values, traits);
        case Collective::HalvingDoubling:
            return halvingDoublingAllReduce(comm, values, traits);
        case Collective::Hierarchical:
            return hierarchicalAllReduce(comm, values, network_.groupSize, traits);
        case Collective::Auto:
            break;  // collectiveFor() names none of it
    }
}

Collective AllReduce::collectiveFor(std::int64_t elements) const {
    if (spec_.collective != Collective::Auto) return spec_.collective;
    return fastestCollective(static_cast<double>(elements) * 4, network_);
}

std::vector<DirectedLink> AllReduce::links(std::size_t most) const {
    if (spec_.collective != Collective::Auto && canRun(spec_.collective, network_))
        return linksOf(spec_.collective, network_.ranks, network_.groupSize, most);
    return {};  // whichever are chosen show once messages come
}

std::string AllReduce::picture() const {
    const std::string workers =
        std::to_string(network_.ranks) + (network_.ranks == 1 ? " worker" : " workers");
    switch (spec_.collective) {
        case Collective::Ring:
            return workers + " in a ring, a chunk each";
        case Collective::Naive:
            return workers + " in a ring, the whole vector from one to the next";
        case Collective::Tree:
            return workers + " in a tree, up to worker 0 and back";
        case Collective::HalvingDoubling:
            return workers + ", in pairs that are further apart each time";
        case Collective::Hierarchical:
            return workers + " in groups of " + std::to_string(network_.groupSize) +
                   ", rings inside and between them";
        case Collective::Auto:
            return workers + ", by the fastest collective";
    }
    return workers;
}

std::string AllReduce::formula() const {
    std::string words = std::string(formulaOf(spec_.collective)) +
                        "\nN workers, S bytes of the model, α latency and β bandwidth of a link";
    if (spec_.collective == Collective::HalvingDoubling) words += ", p the power of two below N";
    if (spec_.collective == Collective::Hierarchical)
        words += "; g workers in a group, α' and β' between groups";
    return words;
}

std::int64_t AllReduce::bytesSent(std::span<const BucketRange> buckets, Rank rank, int ranks) const {
    std::int64_t sum = 0;
    for (const BucketRange& bucket : buckets) {
        const std::int64_t elements = bucket.end - bucket.begin;
        sum += rondo::bytesSent(collectiveFor(elements), elements, rank, ranks, network_.groupSize);
    }
    return sum;
}

std::int64_t AllReduce::messages(std::span<const BucketRange> buckets, int ranks) const {
    std::int64_t sum = 0;
    for (const BucketRange& bucket : buckets)
        sum += messagesOf(collectiveFor(bucket.end - bucket.begin), ranks, network_.groupSize);
    return sum;
}

double AllReduce::exchangeSeconds(double bytes, const NetworkTerms& network) const {
    return secondsOf(collectiveFor(static_cast<std::int64_t>(bytes / 4)), bytes, network);
}

}  // namespace rondo
