#pragma once

#include <memory>
#include <optional>

#include "engine/comm/runtime.h"
#include "engine/control/run_control.h"

namespace rondo {

enum class SideLanePolicy {
    Auto,  ///< a thread where every rank can have two cores, else inline
    Thread,
    Inline,  ///< posted work is done in finish(), on the computing thread
};

/// A thread per rank on this computer; honest wall-clock time. The first `workers` of the ranks train (0:
/// all), the others serve them. `control` must outlive the runtime. With `goesOnAt` time stands there until
/// the first whileOthersWait is over.
std::unique_ptr<Runtime> makeLocalRuntime(int worldSize, RunControl& control,
                                          SideLanePolicy policy = SideLanePolicy::Auto, int workers = 0,
                                          std::optional<Picoseconds> goesOnAt = {});

}  // namespace rondo
