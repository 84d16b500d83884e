#include "engine/algorithms/all_reduce.h"

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

void AllReduce::sum(Communicator& comm, std::span<float> values, Bucket bucket) const {
    const CollectiveTraits traits{.tag = static_cast<Tag>(bucket.value), .bucket = bucket.value};
    switch (spec_.collective) {
        case Collective::Ring:
            return ringAllReduce(comm, values, traits);
        case Collective::Naive:
            return naiveAllReduce(comm, values, traits);
    }
}

std::int64_t AllReduce::bytesSent(std::span<const BucketRange> buckets, Rank rank, int ranks) const {
    std::int64_t elements = 0;
    for (const BucketRange& bucket : buckets) {
        const std::int64_t count = bucket.end - bucket.begin;
        if (spec_.collective == Collective::Ring) {
            // All chunks but one in each half: reduce-scatter keeps chunk r+1, all-gather doesn't send on
            // chunk r+2.
            for (const int kept : {(rank.value + 1) % ranks, (rank.value + 2) % ranks}) {
                const auto [begin, end] = chunkOf(count, ranks, kept);
                elements += count - (end - begin);
            }
        } else if (ranks > 1) {
            // Everyone passes the sum on but the last, and the result but the last to get it.
            elements += count * ((rank.value < ranks - 1 ? 1 : 0) + (rank.value != ranks - 2 ? 1 : 0));
        }
    }
    return elements * 4;
}

std::int64_t AllReduce::messages(std::span<const BucketRange> buckets, int ranks) const {
    const std::int64_t each = spec_.collective == Collective::Ring ? std::int64_t{2} * (ranks - 1) * ranks
                                                                   : std::int64_t{2} * (ranks - 1);
    return static_cast<std::int64_t>(buckets.size()) * each;
}

double AllReduce::exchangeSeconds(double bytes, const NetworkTerms& network) const {
    const double hops = 2.0 * (network.ranks - 1);
    const double perHop = spec_.collective == Collective::Ring ? bytes / network.ranks : bytes;
    return hops * (network.latency + perHop / network.bytesPerSecond);
}

}  // namespace rondo
