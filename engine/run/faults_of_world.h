#pragma once

#include <optional>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/clock.h"
#include "engine/core/ids.h"

namespace rondo {

/// The planned faults of a world that follows another one. They follow the machines they were planned for:
/// `placeOf` is the rank that a worker of the world before has now, none when it isn't there any more. What
/// has struck before step `first` or second `now` doesn't strike again; what goes on (slowness, links) does so
/// for the time that is left of it.
std::vector<FaultSpec> faultsOfNextWorld(const std::vector<FaultSpec>& before,
                                         const std::vector<std::optional<Rank>>& placeOf, Step first,
                                         double now);

}  // namespace rondo
