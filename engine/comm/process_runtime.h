#pragma once

#include "engine/comm/local/local_runtime.h"
#include "engine/comm/rank_network.h"
#include "engine/run/rank_gate.h"

namespace rondo {

/// The runtime of one rank whose peers live in other processes. `ranksHere` share this computer: the rank
/// gets a second thread for its communication lane where each of them can have two cores. Network and gate
/// outlive it.
std::unique_ptr<Runtime> makeProcessRuntime(RankNetwork& network, RankGate& gate, int ranksHere,
                                            SideLanePolicy policy = SideLanePolicy::Auto);

}  // namespace rondo
