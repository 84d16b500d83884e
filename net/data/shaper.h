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
/// sender for sending, the receiver, who learns from the header when it left, for receiving.
///
/// Thread: any; both lanes of a rank share the card. Times are run time.
class Shaper {
  public:
    Shaper(const ClusterSpec& cluster, int ranks, std::uint64_t seed, Rank self);

    struct Departure {
        Nanoseconds begin;  ///< first byte leaves
        Nanoseconds freed;  ///< last byte has left
    };
    Departure depart(Rank to, std::int64_t bytes, Nanoseconds now);

    /// The first byte reaches this card at `first`, which it then occupies for `holds`.
    struct Approach {
        NetworkModel::Departure model;
        Nanoseconds first;
    };
    /// In the order in which one sender's messages left.
    Approach approach(Rank from, std::int64_t bytes, Nanoseconds begin);
    /// Books the card; in order of `first`. Returns when the last byte is there.
    Nanoseconds arrive(const Approach& approach);

  private:
    const Rank self_;
    std::mutex mutex_;
    NetworkModel sending_, receiving_;
};

/// Messages of one lane that are here in truth but not yet by the model. One thread.
class ShapedArrivals {
  public:
    explicit ShapedArrivals(std::shared_ptr<Shaper> shaper) : shaper_(std::move(shaper)) {}

    void add(Arrived message);
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
