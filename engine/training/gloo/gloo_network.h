#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "engine/comm/rank_network.h"
#include "engine/core/clock.h"

namespace rondo {

/// The key-value store over TCP at which the ranks of Gloo worlds find each other. Lives as long as they may
/// still come. Anyone who reaches the port can write to it: Gloo is for networks whose machines trust each
/// other.
class GlooStore {
  public:
    /// Port 0: one that is free. std::runtime_error when it can't be had.
    explicit GlooStore(std::uint16_t port = 0);
    ~GlooStore();
    GlooStore(const GlooStore&) = delete;
    GlooStore& operator=(const GlooStore&) = delete;
    std::uint16_t port() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A rank's place in a world, and where the world meets.
struct GlooPlace {
    std::string storeHost = "127.0.0.1";
    std::uint16_t storePort = 0;
    Rank rank;
    int worldSize = 1;
    std::string world = "0";                    ///< worlds that share a store are told apart by it
    std::chrono::milliseconds timeout{30'000};  ///< until everyone must have come
};

/// One rank's end of a world over c10d::ProcessGroupGloo, a process group for each lane. Returns when all
/// ranks have come. CommError when they don't: Deadline, Cancelled once `stop` is requested, PeerGone where
/// no store answers, WrongPeer when the rank's place is taken. `now` gives run time to messages.
///
/// Ignores SIGPIPE from then on, where nobody has chosen otherwise.
///
/// Its communicators send and receive by Gloo's unbound buffers and sum by Gloo's own all-reduce. A lane that
/// threw while memory of its caller was on its way closes its connections: nothing goes on over it.
std::unique_ptr<RankNetwork> makeGlooNetwork(const GlooPlace& place, std::function<Nanoseconds()> now,
                                             std::stop_token stop = {});

}  // namespace rondo
