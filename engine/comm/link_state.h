#pragma once

#include "engine/core/clock.h"
#include "engine/core/ids.h"

namespace rondo {

/// What has become of the links between ranks, as a network that is being damaged asks for each message.
/// Thread: the network's.
class LinkState {
  public:
    virtual ~LinkState() = default;
    /// How many times as long a message from `from` to `to` now takes to pass.
    virtual double slowness(Rank from, Rank to, Picoseconds now) const = 0;
    /// When the link next carries a message: now, if it isn't cut; kNeverOpen, if it stays so.
    virtual Picoseconds openFrom(Rank from, Rank to, Picoseconds now) const = 0;
    /// Whether anything has become of any link, or may have; where it is so once it stays so. Any thread.
    virtual bool damaged() const { return true; }
    static constexpr Picoseconds kNeverOpen = Picoseconds::max();
};

}  // namespace rondo
