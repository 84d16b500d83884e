#include "engine/run/settings_of_world.h"

namespace rondo {

namespace {

bool lasts(FaultKind kind) {
    return kind == FaultKind::Slow || kind == FaultKind::CutLink || kind == FaultKind::DegradeLink;
}

/// What is left of a fault that has struck; none: nothing.
std::optional<FaultSpec> restOf(FaultSpec fault, double now) {
    if (!lasts(fault.kind)) return std::nullopt;
    if (fault.atSecond) {
        // It began at a known time, and goes on from there.
        if (fault.forSeconds && *fault.atSecond + *fault.forSeconds <= now) return std::nullopt;
        return fault;
    }
    // When its step began is known to its worker alone. One that ends by itself is as good as over: steps are
    // short beside a change of worlds.
    if (fault.forSeconds) return std::nullopt;
    fault.atStep.reset();
    fault.atSecond = now;
    return fault;
}

std::optional<std::int64_t> placeIn(const NextPlaces& places, std::int64_t rank) {
    if (rank < 0 || rank >= static_cast<std::int64_t>(places.size())) return std::nullopt;
    const auto place = places[static_cast<std::size_t>(rank)];
    return place ? std::optional<std::int64_t>(place->value) : std::nullopt;
}

std::vector<FaultSpec> faultsOfNextWorld(const std::vector<FaultSpec>& before, const NextPlaces& places,
                                         Step first, double now) {
    std::vector<FaultSpec> after;
    for (const FaultSpec& fault : before) {
        const auto worker = placeIn(places, fault.worker);
        const auto peer = fault.peer ? placeIn(places, *fault.peer) : std::nullopt;
        if (!worker || (fault.peer && !peer)) continue;
        const bool struck = fault.atSecond ? *fault.atSecond <= now : fault.atStep.value_or(0) < first.value;
        std::optional<FaultSpec> next = struck ? restOf(fault, now) : fault;
        if (!next) continue;
        next->worker = *worker;
        next->peer = peer;
        after.push_back(*next);
    }
    return after;
}

}  // namespace

RunSpec settingsOfNextWorld(const RunSpec& before, const NextPlaces& places, std::int64_t workers, Step first,
                            double now) {
    RunSpec after = before;
    after.workers = workers;
    after.faults = faultsOfNextWorld(before.faults, places, first, now);
    after.cluster.overrides.clear();
    for (auto exception : before.cluster.overrides)
        if (const auto worker = placeIn(places, exception.worker)) {
            exception.worker = *worker;
            after.cluster.overrides.push_back(exception);
        }
    if (auto* gossip = std::get_if<GossipAlgorithm>(&after.algorithm)) {
        const auto edges = std::exchange(gossip->edges, {});
        for (const auto& [a, b] : edges)
            if (const auto from = placeIn(places, a), to = placeIn(places, b); from && to)
                gossip->edges.emplace_back(*from, *to);
    }
    return after;
}

}  // namespace rondo
