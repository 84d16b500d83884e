#include "engine/comm/collectives/collective_cost.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <stdexcept>

#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/fold.h"

namespace rondo {

namespace {

std::int64_t chunkSize(std::int64_t elements, int parts, int first, int count = 1) {
    return chunkOf(elements, parts, first + count - 1).second - chunkOf(elements, parts, first).first;
}

std::int64_t ringElements(std::int64_t elements, int rank, int ranks) {
    // All chunks but one in each half: reduce-scatter keeps chunk r+1, all-gather doesn't send on chunk r+2.
    return 2 * elements - chunkSize(elements, ranks, (rank + 1) % ranks) -
           chunkSize(elements, ranks, (rank + 2) % ranks);
}

std::int64_t naiveElements(std::int64_t elements, int rank, int ranks) {
    if (ranks == 1) return 0;
    // Everyone passes the sum on but the last, and the result but the last to get it.
    return elements * ((rank < ranks - 1 ? 1 : 0) + (rank != ranks - 2 ? 1 : 0));
}

std::int64_t treeElements(std::int64_t elements, int rank, int ranks) {
    // Up to the parent once, down to every child.
    std::int64_t times = rank > 0 ? 1 : 0;
    for (int reach = 1; reach < ranks; reach *= 2)
        if (rank % (2 * reach) == 0 && rank + reach < ranks) ++times;
    return elements * times;
}

std::int64_t halvingElements(std::int64_t elements, int rank, int ranks) {
    const Fold fold(ranks);
    if (fold.lends(rank)) return elements;
    const int me = fold.positionOf(rank);
    std::int64_t sent = fold.paired(rank) ? elements : 0;
    int first = 0, count = fold.power;
    for (int distance = fold.power / 2; distance >= 1; distance /= 2) {
        count /= 2;
        const int kept = me & distance ? first + count : first;
        const int given = me & distance ? first : first + count;
        // What is given away in this half is what the other half brings back: the kept part goes the other
        // way.
        sent += chunkSize(elements, fold.power, given, count) + chunkSize(elements, fold.power, kept, count);
        first = kept;
    }
    return sent;
}

std::int64_t hierarchicalElements(std::int64_t elements, int rank, int ranks, int groupSize) {
    const int place = rank % groupSize, group = rank / groupSize;
    return ringElements(elements, place, groupSize) +
           ringElements(chunkSize(elements, groupSize, (place + 1) % groupSize), group, ranks / groupSize);
}

[[noreturn]] void unresolved() {
    throw std::logic_error("`auto` is no collective until it is resolved");
}

double treeSeconds(double bytes, const NetworkTerms& network) {
    double levels = 0;
    for (int reach = 1; reach < network.ranks; reach *= 2) {
        LinkTerms slowest;
        for (int parent = 0; parent + reach < network.ranks; parent += 2 * reach)
            slowest = LinkTerms::slower(slowest, network.linkOf(parent, parent + reach));
        levels += slowest.seconds(bytes);
    }
    return 2 * levels;
}

double halvingSeconds(double bytes, const NetworkTerms& network) {
    const Fold fold(network.ranks);
    double sum = 0, part = bytes / 2;
    for (int distance = fold.power / 2; distance >= 1; distance /= 2, part /= 2) {
        LinkTerms slowest;
        for (int me = 0; me < fold.power; ++me)
            slowest = LinkTerms::slower(slowest, network.linkOf(fold.rankAt(me), fold.rankAt(me ^ distance)));
        sum += 2 * slowest.seconds(part);
    }
    LinkTerms within;
    for (int pair = 0; pair < fold.pairs; ++pair)
        within = LinkTerms::slower(within, network.linkOf(2 * pair, 2 * pair + 1));
    return sum + (fold.pairs > 0 ? 2 * within.seconds(bytes) : 0.0);
}

double naiveSeconds(double bytes, const NetworkTerms& network) {
    double sum = 0;
    for (int hop = 0; hop < 2 * (network.ranks - 1); ++hop)
        sum += network.linkOf(hop % network.ranks, (hop + 1) % network.ranks).seconds(bytes);
    return sum;
}

double ringSeconds(double bytes, int ranks, const LinkTerms& link) {
    return 2.0 * (ranks - 1) * link.seconds(bytes / ranks);
}

}  // namespace

std::int64_t bytesSent(Collective collective, std::int64_t elements, Rank rank, int ranks, int groupSize) {
    const auto bytes = [](std::int64_t count) { return count * 4; };
    switch (collective) {
        case Collective::Ring:
            return bytes(ringElements(elements, rank.value, ranks));
        case Collective::Naive:
            return bytes(naiveElements(elements, rank.value, ranks));
        case Collective::Tree:
            return bytes(treeElements(elements, rank.value, ranks));
        case Collective::HalvingDoubling:
            return bytes(halvingElements(elements, rank.value, ranks));
        case Collective::Hierarchical:
            return bytes(hierarchicalElements(elements, rank.value, ranks, groupSize));
        case Collective::SendFirst:
            return ranks > 1 ? bytes(elements) : 0;
        case Collective::Auto:
            break;
    }
    unresolved();
}

std::int64_t messagesOf(Collective collective, int ranks, int groupSize) {
    const std::int64_t n = ranks;
    switch (collective) {
        case Collective::Ring:
            return 2 * (n - 1) * n;
        case Collective::Naive:
        case Collective::Tree:
            return 2 * (n - 1);
        case Collective::HalvingDoubling: {
            const std::int64_t power = Fold(ranks).power;
            return 2 * power * (std::bit_width(static_cast<unsigned>(power)) - 1) + 2 * (n - power);
        }
        case Collective::Hierarchical:
            return 2 * n * (groupSize - 1) + 2 * n * (n / groupSize - 1);
        case Collective::SendFirst:
            return ranks > 1 ? n : 0;
        case Collective::Auto:
            break;
    }
    unresolved();
}

double secondsOf(Collective collective, double bytes, const NetworkTerms& network) {
    switch (collective) {
        case Collective::Ring:
            return ringSeconds(bytes, network.ranks, network.slowest());
        case Collective::Naive:
            return naiveSeconds(bytes, network);
        case Collective::Tree:
            return treeSeconds(bytes, network);
        case Collective::HalvingDoubling:
            return halvingSeconds(bytes, network);
        case Collective::Hierarchical:
            return ringSeconds(bytes, network.groupSize, network.link) +
                   ringSeconds(bytes / network.groupSize, network.ranks / network.groupSize, network.between);
        case Collective::SendFirst:
            return network.ranks > 1 ? std::numeric_limits<double>::infinity() : 0;
        case Collective::Auto:
            break;
    }
    unresolved();
}

bool canRun(Collective collective, const NetworkTerms& network) {
    return collective != Collective::Hierarchical ||
           (network.groupSize > 0 && network.ranks % network.groupSize == 0);
}

Collective fastestCollective(double bytes, const NetworkTerms& network) {
    // Of equal ones the first: halving-doubling is a ring of fewer, longer messages.
    Collective best = Collective::Ring;
    for (const Collective other : {Collective::HalvingDoubling, Collective::Tree, Collective::Hierarchical})
        if (canRun(other, network) && secondsOf(other, bytes, network) < secondsOf(best, bytes, network))
            best = other;
    return best;
}

}  // namespace rondo
