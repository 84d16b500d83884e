#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "engine/comm/communicator.h"
#include "engine/core/clock.h"
#include "net/data/buffer_pool.h"
#include "net/wire/frame.h"

namespace rondo::net {

/// A message that is here.
struct Arrived {
    FrameHeader header;
    MessageBuffer body;
    std::int64_t wireBytes = 0;
    Nanoseconds at{0};
    bool shown = false;      ///< its body has been taken in pieces already
    std::uint64_t turn = 0;  ///< messages of one turn came at the same time as far as anybody knows

    /// What it takes of the room for messages that nobody asked for yet; also one without a body.
    std::int64_t weight() const { return static_cast<std::int64_t>(body.bytes().size()) + 256; }
};

/// Messages in wait for somebody who asks for them. Those of one sender and tag keep their order.
class Inbox {
  public:
    explicit Inbox(int worldSize) : queues_(static_cast<std::size_t>(worldSize)) {}

    void put(Arrived message) {
        queues_[static_cast<std::size_t>(message.header.from)].push_back(std::move(message));
    }
    std::optional<Arrived> take(Rank from, Tag tag);
    bool has(Rank from, Tag tag) { return find(queues_[from.index()], tag) != queues_[from.index()].end(); }
    /// The earliest of that tag; of several that came at the same time, that of the lowest rank.
    std::optional<Arrived> takeAny(Tag tag);

  private:
    using Queue = std::deque<Arrived>;
    static Queue::iterator find(Queue& queue, Tag tag);
    static Arrived take(Queue& queue, Queue::iterator place);
    std::vector<Queue> queues_;  // by sender
};

}  // namespace rondo::net
