#pragma once

#include <span>

#include "engine/comm/collectives/collectives.h"

namespace rondo {

/// values ← own · values + Σ weights[k] · those of neighbours[k]: one row of a mixing matrix, all rows at
/// once when every rank calls it with its own. `neighbours` ascending, `sendOrder` the same ones in the order
/// they are sent to; who is whose neighbour must be mutual. Sent: S to each neighbour. Time where all have d
/// and none is sent to twice at once: α + d·S/β. Summed in the order of ranks, so that a row's bits don't
/// depend on who was first.
void neighbourAverage(Communicator& comm, Values values, std::span<const int> neighbours,
                      std::span<const int> sendOrder, double own, std::span<const double> weights,
                      CollectiveTraits traits = {});

}  // namespace rondo
