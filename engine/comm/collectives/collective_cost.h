#pragma once

#include <cstdint>

#include "engine/comm/network_terms.h"
#include "engine/config/run_spec.h"
#include "engine/core/ids.h"

namespace rondo {

// What theory says of one all-reduce over all ranks; the formulas stand beside each collective. `Auto` must
// have been resolved. `groupSize` is what Hierarchical works with.

/// Payload bytes of a rank. Of SendFirst, those before nobody gets any further.
std::int64_t bytesSent(Collective collective, std::int64_t elements, Rank rank, int ranks, int groupSize);
/// Messages of all ranks together.
std::int64_t messagesOf(Collective collective, int ranks, int groupSize);
/// Seconds on an idle network; infinite for SendFirst.
double secondsOf(Collective collective, double bytes, const NetworkTerms& network);

/// Hierarchical works on groups of equal size only.
bool canRun(Collective collective, const NetworkTerms& network);
/// What `Auto` stands for: the one that is fastest for so many bytes in the α-β model.
Collective fastestCollective(double bytes, const NetworkTerms& network);

}  // namespace rondo
