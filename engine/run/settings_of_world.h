#pragma once

#include <optional>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/ids.h"

namespace rondo {

/// Which rank has what place in the next world: by rank of the one before, servers behind the workers. None
/// for one that isn't in it.
using NextPlaces = std::vector<std::optional<Rank>>;

/// The settings of a world of so many workers that follows another one. What they say of single machines (of
/// the cluster, edges of gossip, faults) goes with the machine, or away with it. A planned fault that has
/// struck before step `first` or second `now` doesn't strike again; what goes on (slowness, links) does so for
/// the time that is left of it.
RunSpec settingsOfNextWorld(const RunSpec& before, const NextPlaces& places, std::int64_t workers, Step first,
                            double now);

}  // namespace rondo
