#pragma once

#include <optional>
#include <string>

#include "engine/run/rank_messages.h"

namespace rondo {

// A rank in another process may be broken, or somebody's own program: what it says of itself is looked at
// before books are kept of it. These know what no rank can have done or measured, wherever it is; whether it
// is its turn to say so is the coordinator's to know.

/// What there is to go by.
struct ToldBounds {
    Rank rank;
    int ranks = 0;  ///< of its world, servers too
    Step first{0};  ///< of its world
};

/// In words; none when it can be so.
std::optional<std::string> impossibleIn(const RankTold& told, const ToldBounds& bounds);

/// Whether a rank may tell of such things at all; of the run itself only its coordinator does.
bool isOfARank(const Event& event);
/// Whether what the event says can be, of a run of so many ranks in which it is `now` by the host's clock.
/// Other machines' clocks are a little off.
bool canBe(const Event& event, int ranks, Nanoseconds now);

}  // namespace rondo
