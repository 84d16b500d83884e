#pragma once

#include "engine/comm/collectives/collectives.h"

namespace rondo {

// What a tree improves on: the root talks to each of the others itself. N ranks, S bytes.

/// Root's values at all ranks: N−1 messages, all over the root's link, α + (N−1)·S/β.
void starBroadcast(Communicator& comm, Rank root, Values values, CollectiveTraits traits = {});
/// Root's values become the sum over all ranks, in rank order: N−1 messages, α + (N−1)·S/β when all send at
/// once.
void starReduce(Communicator& comm, Rank root, Values values, CollectiveTraits traits = {});

}  // namespace rondo
