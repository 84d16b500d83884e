#include "engine/run/faults_of_world.h"

#include <algorithm>

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

}  // namespace

std::vector<FaultSpec> faultsOfNextWorld(const std::vector<FaultSpec>& before,
                                         const std::vector<std::optional<Rank>>& placeOf, Step first,
                                         double now) {
    const auto place = [&](std::int64_t worker) -> std::optional<Rank> {
        if (worker < 0 || worker >= static_cast<std::int64_t>(placeOf.size())) return std::nullopt;
        return placeOf[static_cast<std::size_t>(worker)];
    };
    std::vector<FaultSpec> after;
    for (const FaultSpec& fault : before) {
        const auto worker = place(fault.worker);
        const auto peer = fault.peer ? place(*fault.peer) : std::nullopt;
        if (!worker || (fault.peer && !peer)) continue;
        const bool struck = fault.atSecond ? *fault.atSecond <= now : fault.atStep.value_or(0) < first.value;
        std::optional<FaultSpec> next = struck ? restOf(fault, now) : fault;
        if (!next) continue;
        next->worker = worker->value;
        if (peer) next->peer = peer->value;
        after.push_back(*next);
    }
    return after;
}

}  // namespace rondo
