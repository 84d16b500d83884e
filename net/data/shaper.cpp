#include "net/data/shaper.h"

#include <algorithm>
#include <limits>
#include <string>

#include "engine/core/random.h"

namespace rondo::net {

namespace {

ClusterSpec withoutLimits() {
    ClusterSpec cluster;
    cluster.link.latencyUs = 0;
    cluster.link.gbitPerS = std::numeric_limits<double>::infinity();
    return cluster;
}

}  // namespace

Shaper::Shaper(const std::optional<ClusterSpec>& cluster, int ranks, std::uint64_t seed, Rank self)
    : self_(self),
      shapes_(cluster.has_value()),
      sending_(cluster.value_or(withoutLimits()), ranks, seed, &felt_),
      // Its jitter counts: another sequence for each rank.
      receiving_(cluster.value_or(withoutLimits()), ranks,
                 seedFor(seed, "shaper " + std::to_string(self.value)), &felt_) {}

Shaper::Departure Shaper::depart(Rank to, std::int64_t bytes, Nanoseconds now) {
    const std::lock_guard lock(mutex_);
    const NetworkModel::Departure departure = sending_.depart(self_, to, bytes, now);
    if (departure.lost()) return {now, now, true};
    return {nanosecondsOf(departure.begin), nanosecondsOf(departure.freed)};
}

Shaper::Approach Shaper::approach(Rank from, std::int64_t bytes, Nanoseconds begin) {
    const std::lock_guard lock(mutex_);
    const NetworkModel::Departure departure = receiving_.depart(from, self_, bytes, begin);
    return {departure, departure.lost() ? begin : nanosecondsOf(departure.arrival)};
}

Nanoseconds Shaper::arrive(const Approach& approach) {
    const std::lock_guard lock(mutex_);
    return nanosecondsOf(receiving_.arrive(self_, approach.model));
}

bool ShapedArrivals::add(Arrived message) {
    FrameHeader& header = message.header;
    auto approach = shaper_->approach(Rank{header.from}, static_cast<std::int64_t>(header.payloadBytes),
                                      Nanoseconds(header.begin));
    if (approach.lost()) return false;
    // Its sender may not have known that the link is cut.
    header.begin = std::max(header.begin, nanosecondsOf(approach.model.begin).count());
    Nanoseconds& latest = latest_[header.from];
    latest = approach.first = std::max(latest, approach.first);
    const Order order{approach.first, header.from};
    coming_.emplace(order, std::pair(std::move(message), approach));
    return true;
}

void ShapedArrivals::release(Nanoseconds now, FunctionRef<void(Arrived)> out) {
    while (!coming_.empty() && coming_.begin()->first.first <= now) {
        auto [message, approach] = std::move(coming_.begin()->second);
        coming_.erase(coming_.begin());
        const Nanoseconds there = shaper_->arrive(approach);
        // Where the real network was slower than the model, it is there when it is there.
        message.at = std::max(there, message.at);
        booked_.emplace(Order{there, message.header.from}, std::move(message));
    }
    while (!booked_.empty() && booked_.begin()->first.first <= now) {
        Arrived message = std::move(booked_.begin()->second);
        booked_.erase(booked_.begin());
        out(std::move(message));
    }
}

std::optional<Nanoseconds> ShapedArrivals::next() const {
    std::optional<Nanoseconds> earliest;
    if (!coming_.empty()) earliest = coming_.begin()->first.first;
    if (!booked_.empty() && (!earliest || booked_.begin()->first.first < *earliest))
        earliest = booked_.begin()->first.first;
    return earliest;
}

}  // namespace rondo::net
