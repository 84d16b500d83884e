#pragma once

#include <memory>
#include <vector>

#include "engine/comm/link_state.h"
#include "engine/comm/runtime.h"
#include "engine/comm/virtual_time/network_model.h"
#include "engine/config/run_spec.h"
#include "engine/control/run_control.h"

namespace rondo {

/// Virtual time in which ranks go on.
struct VirtualStart {
    Picoseconds now{0};            ///< before all of them
    std::vector<CardTimes> cards;  ///< by rank; none: all are free
};

class VirtualRuntime : public Runtime {
  public:
    /// Of what the rank has sent and received itself: nothing that is still on its way to it.
    virtual CardTimes card(Rank rank) const = 0;
};

/// All ranks as fibers of the calling thread, in exact virtual time on the cluster the settings describe.
/// `control`, and `links` if something happens to them, must outlive the runtime; `seed` is for jitter only.
std::unique_ptr<VirtualRuntime> makeVirtualRuntime(int worldSize, const ClusterSpec& cluster,
                                                   std::uint64_t seed, RunControl& control,
                                                   const LinkState* links = nullptr,
                                                   const VirtualStart& start = {});

}  // namespace rondo
