#pragma once

#include "engine/comm/collectives/collectives.h"
#include "engine/config/run_spec.h"

namespace rondo {

/// The all-reduce of that name. `groupSize` is what Hierarchical works with. std::logic_error for `Auto`,
/// which must have been resolved.
void allReduceBy(Collective collective, Communicator& comm, Values values, int groupSize,
                 CollectiveTraits traits = {});

}  // namespace rondo
