#pragma once

#include <optional>
#include <vector>

#include "engine/comm/communicator.h"
#include "engine/comm/link_state.h"
#include "engine/config/run_spec.h"
#include "engine/core/clock.h"
#include "engine/core/random.h"

namespace rondo {

/// When a network card is free again.
struct CardTimes {
    Picoseconds send{0}, receive{0};
    bool operator==(const CardTimes&) const = default;
};

/// The α-β network of `virtual`: each rank has one network card, full duplex, with one queue for sending and
/// one for receiving. A message of S bytes holds its sender's card for S/β and, from α later on, its
/// receiver's for S/β (cut-through: an idle path takes α + S/β). Between unlike cards the slower bandwidth
/// and the longer latency count. Two cards of a rank used together are one of both bandwidths: a message is
/// cut in their ratio R, R/(1+R) and 1/(1+R), so that both parts end at once. What a cut link holds up leaves
/// when it is there again, and keeps no card waiting meanwhile. On a degraded one latency and passing both
/// take so many times as long.
class NetworkModel {
  public:
    /// `links`, if any, must outlive the model.
    NetworkModel(const ClusterSpec& cluster, int ranks, std::uint64_t seed, const LinkState* links = nullptr);

    struct Departure {
        Picoseconds begin;    ///< first byte leaves
        Picoseconds freed;    ///< last byte has left: the sender's memory is free again
        Picoseconds arrival;  ///< first byte is at the receiver's card
        Picoseconds holds;    ///< how long it holds the receiver's card
        bool lost() const { return arrival == LinkState::kNeverOpen; }
        static Departure never() { return {.arrival = LinkState::kNeverOpen}; }
    };
    /// Books the sender's card from `now` on. Call in order of time.
    /// Never, when the link is cut for good: then nothing is booked.
    Departure depart(Rank from, Rank to, std::int64_t bytes, Picoseconds now);
    /// Books the receiver's card at the arrival of the first byte; returns when the last byte is there. In
    /// order of time.
    Picoseconds arrive(Rank to, const Departure& departure);
    Picoseconds sendFree(Rank from) const { return cards_[from.index()].sendFree; }
    /// Before the first message.
    void startAt(Rank rank, const CardTimes& times) {
        cards_[rank.index()].sendFree = times.send;
        cards_[rank.index()].receiveFree = times.receive;
    }
    /// Time of one message on an idle network.
    Picoseconds idleTime(Rank from, Rank to, std::int64_t bytes) const;

  private:
    struct Card {
        Picoseconds latency{0};
        double bytesPerSecond = 0;
        Picoseconds sendFree{0}, receiveFree{0};
    };
    bool crosses(Rank from, Rank to) const {
        return groupSize_ > 0 && from.value / groupSize_ != to.value / groupSize_;
    }
    Picoseconds latency(Rank from, Rank to) const;
    Picoseconds holding(Rank from, Rank to, std::int64_t bytes) const;
    const LinkState* links_;
    std::vector<Card> cards_;
    int groupSize_ = 0;
    Card between_;
    Picoseconds jitter_;
    std::optional<Picoseconds> pureDelay_;  // cluster.times.message_ms
    Random random_;
};

}  // namespace rondo
