#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "engine/events/event_queue.h"
#include "net/membership/viewer_flow.h"

namespace rondo::net {

/// What a run says, on its way to viewers: taken from any thread without waiting, packed once for all of
/// them. Remembers what who comes later must know: transitions and evaluations of the present run, and the
/// members.
class EventFeed final : public EventSink {
  public:
    /// `wake` is called on a producer's thread when something has come after nothing was there.
    EventFeed(bool wantsSamples, std::function<void()> wake);

    using EventSink::publish;
    bool wantsSamples() const override { return wantsSamples_; }
    std::uint64_t dropped() const override { return queue_.dropped(); }
    void publish(std::span<Event> batch) override { queue_.publish(batch); }

    // One thread:

    /// What has come since the last time; nothing is packed unless somebody `watches`.
    std::vector<std::shared_ptr<const EventBlocks>> take(bool watched);
    /// For a newcomer: the magic, then what has been taken so far and still matters.
    const std::vector<EventMessage>& greeting();

  private:
    void remember(const Event& event);

    static constexpr std::size_t kCapacity = 100'000, kMostEvaluations = 8192;
    static constexpr std::size_t kPieceBytes = 1 << 20;  ///< of events, not packed, in one message

    const bool wantsSamples_;
    EventQueue queue_;
    std::vector<Event> drained_;
    std::vector<Event> known_;
    std::size_t evaluations_ = 0;  ///< in known_
    std::map<std::uint32_t, MemberChanged> members_;
    std::vector<EventMessage> greeting_;  ///< empty: to be packed anew
};

}  // namespace rondo::net
