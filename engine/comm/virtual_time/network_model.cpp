#include "engine/comm/virtual_time/network_model.h"

#include <algorithm>

namespace rondo {

NetworkModel::NetworkModel(const ClusterSpec& cluster, int ranks, std::uint64_t seed, const LinkState* links)
    : links_(links), jitter_(picosecondsOf(cluster.link.jitterUs * 1e-6)), random_(seedFor(seed, "network")) {
    const auto card = [&](double latencyUs, double gbitPerS) {
        return Card{picosecondsOf(latencyUs * 1e-6), gbitPerS * 1e9 / 8};
    };
    const double second = cluster.link.secondGbitPerS.value_or(0);
    cards_.assign(static_cast<std::size_t>(ranks),
                  card(cluster.link.latencyUs, cluster.link.gbitPerS + second));
    for (const WorkerOverride& exception : cluster.overrides)
        if (exception.worker < ranks)
            cards_[static_cast<std::size_t>(exception.worker)] =
                card(exception.latencyUs.value_or(cluster.link.latencyUs),
                     exception.gbitPerS.value_or(cluster.link.gbitPerS) + second);
    groupSize_ = static_cast<int>(cluster.groups.size);
    between_ = card(cluster.groups.latencyUs, cluster.groups.gbitPerS);
    if (cluster.times.messageMs) pureDelay_ = picosecondsOf(*cluster.times.messageMs * 1e-3);
}

Picoseconds NetworkModel::holding(Rank from, Rank to, std::int64_t bytes) const {
    if (pureDelay_) return Picoseconds{0};
    double slower = std::min(cards_[from.index()].bytesPerSecond, cards_[to.index()].bytesPerSecond);
    if (crosses(from, to)) slower = std::min(slower, between_.bytesPerSecond);
    return picosecondsOf(static_cast<double>(bytes) / slower);
}

Picoseconds NetworkModel::latency(Rank from, Rank to) const {
    const Picoseconds longer = std::max(cards_[from.index()].latency, cards_[to.index()].latency);
    return crosses(from, to) ? std::max(longer, between_.latency) : longer;
}

NetworkModel::Departure NetworkModel::depart(Rank from, Rank to, std::int64_t bytes, Picoseconds now) {
    Card& card = cards_[from.index()];
    const Picoseconds free = pureDelay_ ? now : std::max(now, card.sendFree);
    const Picoseconds begin = links_ ? links_->openFrom(from, to, free) : free;
    if (begin == LinkState::kNeverOpen) return Departure::never();
    const double slowness = links_ ? links_->slowness(from, to, begin) : 1;
    const auto stretched = [&](Picoseconds time) {
        return slowness == 1 ? time : picosecondsOf(secondsOf(time) * slowness);
    };
    if (pureDelay_) return {begin, begin, begin + stretched(*pureDelay_), Picoseconds{0}};
    const Picoseconds holds = stretched(holding(from, to, bytes));
    if (begin == free) card.sendFree = begin + holds;
    Picoseconds delay = stretched(latency(from, to));
    if (jitter_.count() > 0)
        delay += Picoseconds(
            static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(jitter_.count()) + 1)));
    return {begin, begin + holds, begin + delay, holds};
}

Picoseconds NetworkModel::arrive(Rank to, const Departure& departure) {
    if (pureDelay_) return departure.arrival;
    Card& card = cards_[to.index()];
    card.receiveFree = std::max(departure.arrival, card.receiveFree) + departure.holds;
    return card.receiveFree;
}

Picoseconds NetworkModel::idleTime(Rank from, Rank to, std::int64_t bytes) const {
    if (pureDelay_) return *pureDelay_;
    return latency(from, to) + holding(from, to, bytes);
}

}  // namespace rondo
