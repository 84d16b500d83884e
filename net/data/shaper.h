#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/comm/virtual_time/network_model.h"
#include "engine/core/clock.h"
#include "net/data/inbox.h"

namespace rondo::net {

/// One rank's network card as `cluster` describes it, for links that are faster in truth: when a message
/// leaves, and when it is there. The model is that of `virtual`; each rank books its own card only, the
/// sender for sending, the receiver, who learns from the header when it left, for receiving. Both look at
/// what has become of the link meanwhile, as far as they know of it.
///
/// Thread: any; both lanes of a rank share the card. Times are run time.
class Shaper {
  public:
    /// Without a cluster links are as fast as they are, but for what becomes of them.
    Shaper(const std::optional<ClusterSpec>& cluster, int ranks, std::uint64_t seed, Rank self);
    /// What becomes of the links; outlives it. Before the first message.
    void feel(const LinkState& links) { felt_.links = &links; }

    /// Whether messages pass by the model; where it is so once it stays so.
    bool acts() const { return shapes_ || damaged(); }
    bool damaged() const { return felt_.damaged(); }
    /// Whether somebody may do something to the links, at any time.
    bool watches() const { return felt_.links != nullptr; }
    /// No message gets through from the one to the other, nor ever will.
    bool cutOff(Rank from, Rank to, Nanoseconds now) const {
        return damaged() && felt_.openFrom(from, to, now) == LinkState::kNeverOpen;
    }

    struct Departure {
        Nanoseconds begin;  ///< first byte leaves
        Nanoseconds freed;  ///< last byte has left
        bool lost = false;  ///< it never leaves
    };
    Departure depart(Rank to, std::int64_t bytes, Nanoseconds now);

    /// The first byte reaches this card at `first`, which it then occupies for `holds`.
    struct Approach {
        NetworkModel::Departure model;
        Nanoseconds first;
        bool lost() const { return model.lost(); }
    };
    /// In the order in which one sender's messages left.
    Approach approach(Rank from, std::int64_t bytes, Nanoseconds begin);
    /// Books the card; in order of `first`. Returns when the last byte is there.
    Nanoseconds arrive(const Approach& approach);

  private:
    /// What the settings and people do to links; nothing until it is known.
    struct Felt final : LinkState {
        const LinkState* links = nullptr;
        double slowness(Rank from, Rank to, Picoseconds now) const override {
            return damaged() ? links->slowness(from, to, now) : 1;
        }
        Picoseconds openFrom(Rank from, Rank to, Picoseconds now) const override {
            return damaged() ? links->openFrom(from, to, now) : now;
        }
        bool damaged() const override { return links && links->damaged(); }
    };

    const Rank self_;
    const bool shapes_;
    Felt felt_;
    std::mutex mutex_;
    NetworkModel sending_, receiving_;
};

/// Messages of one lane that are here in truth but not yet by the model. One thread.
class ShapedArrivals {
  public:
    explicit ShapedArrivals(std::shared_ptr<Shaper> shaper) : shaper_(std::move(shaper)) {}

    /// False: the link is cut for good, and so it never comes.
    bool add(Arrived message);
    /// Hands out what is there at `now`, earliest first, of several at one time lowest rank first.
    void release(Nanoseconds now, FunctionRef<void(Arrived)> out);
    /// When to ask again.
    std::optional<Nanoseconds> next() const;
    bool empty() const { return coming_.empty() && booked_.empty(); }

  private:
    using Order = std::pair<Nanoseconds, std::int32_t>;  // time, sender
    std::shared_ptr<Shaper> shaper_;
    std::map<std::int32_t, Nanoseconds>
        latest_;  // first byte of each sender's latest: jitter never overtakes
    std::multimap<Order, std::pair<Arrived, Shaper::Approach>> coming_;  // by when the first byte comes
    std::multimap<Order, Arrived> booked_;                               // by when the last one has come
};

}  // namespace rondo::net
