#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/comm/communicator.h"
#include "engine/comm/traffic_meter.h"
#include "engine/core/clock.h"
#include "engine/training/gloo/gloo_meeting.h"
#include "engine/training/gloo/gloo_peers.h"
#include "engine/training/gloo/watched_context.h"
#include "engine/training/gloo/watched_wait.h"

namespace rondo {

/// One lane's end of a Gloo group. A message is a header, with a small body in it, and else the body after
/// it; Gloo pairs by sender and tag, and takes nothing off a sender before somebody receives it.
class GlooLane final : public Communicator {
  public:
    GlooLane(c10::intrusive_ptr<GlooGroup> group, Rank rank, int worldSize,
             const std::function<Nanoseconds()>& now);
    ~GlooLane() override;

    Rank rank() const override { return rank_; }
    int worldSize() const override { return worldSize_; }
    SendTicket beginSend(Rank to, const Parcel& parcel) override;
    void finishSend(SendTicket ticket) override;
    std::int64_t receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) override;
    Rank receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) override;
    bool sumOverAll(Values values, std::int32_t bucket) override;
    void setDeadline(std::optional<std::chrono::nanoseconds> deadline) override { deadline_ = deadline; }

    /// Closes its connections. The lane's thread.
    void leave();
    WatchedWait& wait() { return wait_; }
    void cancel(const std::string& why);

    TrafficMeter meter;
    DeliveryObserver* observer = nullptr;

  private:
    using Outcome = WatchedWait::Outcome;
    using Time = WatchedWait::Time;
    struct Outgoing;
    struct Incoming;
    struct LeftOver;

    void enter() const;
    Time due() const;
    int gloo(Rank rank) const { return glooRankOf(rank, worldSize_); }
    std::unique_ptr<Outgoing> freshOutgoing();
    std::unique_ptr<Incoming> freshIncoming();
    std::unique_ptr<Incoming> takeLeftOver(int from, Tag tag);
    std::int64_t take(std::unique_ptr<Incoming> incoming, Rank from, Tag tag, Time due,
                      FunctionRef<void(Rank, ReceivedBytes)> consume);
    /// Throws for what a wait came to. What the lane still sends of others' memory is taken back first.
    [[noreturn]] void fail(Outcome outcome, const std::string& whom);
    void takeBackEverything();
    void closeConnections(const std::string& why);
    void countAsRing(std::size_t elements, std::int32_t bucket, Nanoseconds begin, Nanoseconds end);

    const Rank rank_;
    const int worldSize_;
    const std::function<Nanoseconds()>& now_;
    c10::intrusive_ptr<GlooGroup> group_;
    std::shared_ptr<gloo::Context> context_;  ///< none once it has left
    std::shared_ptr<WatchedContext> watched_;
    std::unique_ptr<GlooPeers> peers_;
    WatchedWait wait_;
    std::optional<std::chrono::nanoseconds> deadline_;
    Time collectiveDue_;
    std::string closed_;  ///< why nothing goes on over this lane

    std::mutex whyMutex_;
    std::string whyCancelled_;  ///< under whyMutex_

    std::vector<std::unique_ptr<Outgoing>> under_, freeOutgoing_;
    std::vector<std::unique_ptr<Incoming>> freeIncoming_;
    std::vector<LeftOver> leftOver_;
    std::uint64_t lastTicket_ = 0;
    std::uint32_t collectives_ = 0;
};

}  // namespace rondo
