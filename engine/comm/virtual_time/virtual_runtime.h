#pragma once

#include <memory>

#include "engine/comm/link_state.h"
#include "engine/comm/runtime.h"
#include "engine/config/run_spec.h"
#include "engine/control/run_control.h"

namespace rondo {

/// All ranks as fibers of the calling thread, in exact virtual time on the cluster the settings describe.
/// `control`, and `links` if something happens to them, must outlive the runtime; `seed` is for jitter only.
std::unique_ptr<Runtime> makeVirtualRuntime(int worldSize, const ClusterSpec& cluster, std::uint64_t seed,
                                            RunControl& control, const LinkState* links = nullptr);

}  // namespace rondo
