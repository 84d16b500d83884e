#include "engine/algorithms/all_reduce.h"

#include "engine/comm/collectives/all_reduce_by.h"
#include "engine/comm/collectives/collective_cost.h"
#include "engine/compress/compression_cost.h"
#include "engine/compress/compressor.h"
#include "engine/compress/gradient_codec.h"

namespace rondo {

namespace {
std::vector<DirectedLink> allLinks(int ranks, std::size_t most) {
    const auto n = static_cast<std::size_t>(ranks);
    std::vector<DirectedLink> links;
    if (n * (n - 1) > most) return links;
    for (int from = 0; from < ranks; ++from)
        for (int to = 0; to < ranks; ++to)
            if (from != to) links.emplace_back(Rank{from}, Rank{to});
    return links;
}
}  // namespace

void AllReduce::train(Worker& worker) const {
    while (worker.beginStep()) {
        worker.forward();
        if (spec_.overlap) {
            worker.backward([&](Bucket bucket) {
                worker.communicate(bucket, [&worker, bucket, this](Communicator& comm) {
                    sum(worker, comm, worker.gradients(bucket), bucket);
                });
            });
            worker.finishCommunication();
        } else {
            worker.backward();
            if (!spec_.average) worker.weighByOwnBatch();
            worker.synchronise([&](Communicator& comm) { sum(worker, comm, worker.gradients(), Bucket{0}); });
        }
        worker.update();
        worker.endStep();
    }
}

void AllReduce::sum(Worker& worker, Communicator& comm, Values values, Bucket bucket) const {
    const CollectiveTraits traits{.tag = static_cast<Tag>(bucket.value), .bucket = bucket.value};
    if (Compressor* compressor = worker.compressor())
        return compressor->allReduce(comm, values, bucket, traits);
    const Collective collective = collectiveFor(static_cast<std::int64_t>(values.size()));
    // A network's own is a ring: any other that was asked for should be seen.
    if (collective == Collective::Ring && comm.sumOverAll(values, bucket.value)) return;
    allReduceBy(collective, comm, values, network_.groupSize, traits);
}

Collective AllReduce::collectiveFor(std::int64_t elements) const {
    if (spec_.collective != Collective::Auto) return spec_.collective;
    return fastestCollective(static_cast<double>(elements) * 4, network_);
}

std::vector<DirectedLink> AllReduce::links(std::size_t most) const {
    // Chunks go to everyone at first; all else that is compressed goes around the ring.
    if (routeOf(compression_) == CompressedRoute::Chunks) return allLinks(network_.ranks, most);
    if (compressed()) return linksOf(Collective::Ring, network_.ranks, 0, most);
    if (spec_.collective != Collective::Auto && canRun(spec_.collective, network_))
        return linksOf(spec_.collective, network_.ranks, network_.groupSize, most);
    return {};  // whichever are chosen show once messages come
}

std::string AllReduce::picture() const {
    const std::string workers =
        std::to_string(network_.ranks) + (network_.ranks == 1 ? " worker" : " workers");
    switch (routeOf(compression_)) {
        case CompressedRoute::None:
            break;
        case CompressedRoute::Chunks:
            return workers + ", an encoded chunk to each, their sums around a ring";
        case CompressedRoute::Gather:
            return workers + " in a ring that passes on what each has encoded";
        case CompressedRoute::Reduce:
            return workers + " in a ring, two thin matrices for each layer";
    }
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
        case Collective::SendFirst:
            return workers + " in a ring, where everyone sends first";
        case Collective::Auto:
            return workers + ", by the fastest collective";
    }
    return workers;
}

std::string AllReduce::formula() const {
    if (compressed()) return compressedFormula(compression_);
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
        const std::int64_t elements = bucket.elements();
        sum += compressed()
                   ? compressedBytesSent(compression_, bucket, rank, ranks)
                   : rondo::bytesSent(collectiveFor(elements), elements, rank, ranks, network_.groupSize);
    }
    return sum;
}

std::int64_t AllReduce::messages(std::span<const BucketRange> buckets, int ranks) const {
    std::int64_t sum = 0;
    for (const BucketRange& bucket : buckets)
        sum += compressed() ? compressedMessages(compression_, ranks)
                            : messagesOf(collectiveFor(bucket.elements()), ranks, network_.groupSize);
    return sum;
}

double AllReduce::exchangeSeconds(const BucketRange& bucket, const NetworkTerms& network) const {
    if (compressed()) return compressedSeconds(compression_, bucket, network);
    return secondsOf(collectiveFor(bucket.elements()), static_cast<double>(bucket.elements()) * 4, network);
}

}  // namespace rondo
