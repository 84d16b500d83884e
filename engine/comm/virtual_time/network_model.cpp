#include "engine/comm/virtual_time/network_model.h"

#include <algorithm>

namespace rondo {

NetworkModel::NetworkModel(const ClusterSpec& cluster, int ranks, std::uint64_t seed)
    : jitter_(picosecondsOf(cluster.link.jitterUs * 1e-6)), random_(seedFor(seed, "network")) {
    const auto card = [&](double latencyUs, double gbitPerS) {
        return Card{picosecondsOf(latencyUs * 1e-6), gbitPerS * 1e9 / 8};
    };
    cards_.assign(static_cast<std::size_t>(ranks), card(cluster.link.latencyUs, cluster.link.gbitPerS));
    for (const WorkerOverride& exception : cluster.overrides)
        if (exception.worker < ranks)
            cards_[static_cast<std::size_t>(exception.worker)] =
                card(exception.latencyUs.value_or(cluster.link.latencyUs),
                     exception.gbitPerS.value_or(cluster.link.gbitPerS));
    if (cluster.times.messageMs) pureDelay_ = picosecondsOf(*cluster.times.messageMs * 1e-3);
}

Picoseconds NetworkModel::holding(Rank from, Rank to, std::int64_t bytes) const {
    if (pureDelay_) return Picoseconds{0};
    const double slower = std::min(cards_[from.index()].bytesPerSecond, cards_[to.index()].bytesPerSecond);
    return picosecondsOf(static_cast<double>(bytes) / slower);
}

NetworkModel::Departure NetworkModel::depart(Rank from, Rank to, std::int64_t bytes, Picoseconds now) {
    if (pureDelay_) return {now, now, now + *pureDelay_, Picoseconds{0}};
    Card& card = cards_[from.index()];
    const Picoseconds begin = std::max(now, card.sendFree), holds = holding(from, to, bytes);
    card.sendFree = begin + holds;
    Picoseconds latency = std::max(card.latency, cards_[to.index()].latency);
    if (jitter_.count() > 0)
        latency += Picoseconds(
            static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(jitter_.count()) + 1)));
    return {begin, begin + holds, begin + latency, holds};
}

Picoseconds NetworkModel::arrive(Rank to, const Departure& departure) {
    if (pureDelay_) return departure.arrival;
    Card& card = cards_[to.index()];
    card.receiveFree = std::max(departure.arrival, card.receiveFree) + departure.holds;
    return card.receiveFree;
}

Picoseconds NetworkModel::idleTime(Rank from, Rank to, std::int64_t bytes) const {
    if (pureDelay_) return *pureDelay_;
    return std::max(cards_[from.index()].latency, cards_[to.index()].latency) + holding(from, to, bytes);
}

}  // namespace rondo
