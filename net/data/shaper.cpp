#include "net/data/shaper.h"

#include <algorithm>
#include <string>

#include "engine/core/random.h"

namespace rondo::net {

Shaper::Shaper(const ClusterSpec& cluster, int ranks, std::uint64_t seed, Rank self)
    : self_(self),
      sending_(cluster, ranks, seed, nullptr),
      // Its jitter counts: another sequence for each rank.
      receiving_(cluster, ranks, seedFor(seed, "shaper " + std::to_string(self.value)), nullptr) {}

Shaper::Departure Shaper::depart(Rank to, std::int64_t bytes, Nanoseconds now) {
    const std::lock_guard lock(mutex_);
    const NetworkModel::Departure departure = sending_.depart(self_, to, bytes, now);
    return {nanosecondsOf(departure.begin), nanosecondsOf(departure.freed)};
}

Shaper::Approach Shaper::approach(Rank from, std::int64_t bytes, Nanoseconds begin) {
    const std::lock_guard lock(mutex_);
    const NetworkModel::Departure departure = receiving_.depart(from, self_, bytes, begin);
    return {departure, nanosecondsOf(departure.arrival)};
}

Nanoseconds Shaper::arrive(const Approach& approach) {
    const std::lock_guard lock(mutex_);
    return nanosecondsOf(receiving_.arrive(self_, approach.model));
}

void ShapedArrivals::add(Arrived message) {
    const FrameHeader& header = message.header;
    auto approach = shaper_->approach(Rank{header.from}, static_cast<std::int64_t>(header.payloadBytes),
                                      Nanoseconds(header.begin));
    Nanoseconds& latest = latest_[header.from];
    latest = approach.first = std::max(latest, approach.first);
    const Order order{approach.first, header.from};
    coming_.emplace(order, std::pair(std::move(message), approach));
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
