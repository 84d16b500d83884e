#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/clock.h"
#include "engine/events/event.h"
#include "engine/run/rank_messages.h"
#include "net/data/ws_network.h"
#include "net/membership/relay_access.h"

namespace rondo::net {

class PeerListener;

/// What a rank must know to meet the others of its world.
struct WorldPlan {
    Rank rank;
    int worldSize = 1;
    std::uint32_t generation = 0;
    /// The other ranks. One without a host is not called, only waited for, here or at the relay.
    std::vector<PeerPlace> peers;
    std::vector<Lane> lanes{Lane::Compute};  ///< the same on every rank
    std::function<Nanoseconds()> now;        ///< run time; called on both lanes' threads
    bool spin = false;                       ///< every lane of every rank has a core: wait busily for 50 µs
    DataLimits limits;
    /// What the links are slowed down to, with what seed for their jitter; none: as fast as they are.
    std::optional<ClusterSpec> shaped;
    std::uint64_t seed = 0;
    std::chrono::milliseconds deadline{20'000};
    /// After that long, who should be called calls as well: a firewall may let one direction through only.
    std::chrono::milliseconds reverseAfter{1'500};
    /// For those who aren't reached either way after `relayAfter`, or at once where no host is told; none:
    /// they stay unreached.
    std::optional<RelayAccess> relay;
    std::chrono::milliseconds relayAfter{4'000};
    std::stop_token stop;  ///< ends the call with Cancelled
};

/// Connects each pair of ranks once per lane, all at the same time: the one of them that dials calls the
/// other, which calls back where that doesn't come about; then both turn to the host's relay. Blocks until
/// all are there; throws CommError: Deadline (with who can't be reached, and why), Cancelled.
/// std::invalid_argument when peers are missing or have no key of 32 bytes.
///
/// Thread: the rank's own. `listener` is needed during the call only; several ranks of one process may share
/// one.
std::unique_ptr<WsNetwork> connectWorld(PeerListener& listener, const WorldPlan& plan);

}  // namespace rondo::net
