#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/events/event.h"

namespace rondo::net {

using ViewerId = std::uint64_t;  ///< from 1 on; of one host

/// A message of kind events, header and body.
using EventMessage = std::shared_ptr<const std::vector<std::byte>>;
EventMessage eventMessage(std::string_view body);
/// The magic that every stream begins with.
EventMessage streamBeginning();

/// What has happened since the last time, packed once for all viewers; each gets `whole`, or what it can't do
/// without.
struct EventBlocks {
    EventMessage whole;         ///< everything, in order
    EventMessage kept;          ///< transitions and evaluations only; null: there are none
    EventMessage gauges;        ///< gauges only; null: there are none
    std::uint64_t samples = 0;  ///< in `whole`, and in neither of the others
    Stamp last;                 ///< of the latest event
};

/// What goes to one viewer and when, by the credit it gives (PROTOCOL.md, "Events"). A viewer without credit
/// costs what waits for it, which is bounded, and nobody waits for it. Knows no network: `send` does it.
class ViewerFlow {
  public:
    struct Limits {
        std::int64_t credit = std::int64_t{64} << 20;  ///< more isn't kept
        std::size_t waiting = std::size_t{8} << 20;  ///< bytes it can't do without; more, and it is too slow
        std::size_t outbox = std::size_t{8} << 20;   ///< given credit for, and not yet read by it
    };
    using Send = std::function<void(const EventMessage&)>;

    ViewerFlow(Limits limits, Send send) : limits_(limits), send_(std::move(send)) {}

    void credit(std::int64_t bytes);
    /// `outbox`: bytes on their way to it by now.
    void offer(const std::shared_ptr<const EventBlocks>& blocks, std::size_t outbox);
    /// What it must get, samples included, however long it takes.
    void must(const EventMessage& message, std::size_t outbox);
    /// Sends what waits, as far as may be.
    void flush(std::size_t outbox);

    bool tooSlow() const { return waitingBytes_ > limits_.waiting; }
    std::uint64_t leftOut() const { return leftOutEver_; }  ///< samples, since the start
    std::size_t waitingBytes() const { return waitingBytes_; }

  private:
    bool open(std::size_t outbox) const { return credit_ > 0 && outbox + sentNow_ < limits_.outbox; }
    void release(std::size_t outbox);
    void go(const EventMessage& message);
    void wait(const EventMessage& message);

    Limits limits_;
    Send send_;
    std::int64_t credit_ = 0;
    std::deque<EventMessage> waiting_;
    std::size_t waitingBytes_ = 0, sentNow_ = 0;
    EventMessage gauges_;
    std::uint64_t leftOut_ = 0, leftOutEver_ = 0;
};

}  // namespace rondo::net
