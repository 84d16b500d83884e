#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rondo::net {

/// A message to be sent, which may lie in several outboxes at once. Constant once made.
class Outgoing {
  public:
    explicit Outgoing(std::string text);
    explicit Outgoing(std::vector<std::byte> bytes);
    explicit Outgoing(std::shared_ptr<const std::vector<std::byte>> bytes);

    bool text() const { return text_; }
    std::span<const std::byte> bytes() const { return bytes_; }

  private:
    bool text_ = false;
    std::shared_ptr<const void> owner_;
    std::span<const std::byte> bytes_;
};

/// What waits to be sent to one peer: any thread puts in, one takes out, and never more than a number of
/// bytes is in it, since a peer that doesn't read must not cost memory without bounds.
class Outbox {
  public:
    explicit Outbox(std::size_t limit) : limit_(limit) {}

    enum class Put { First, Queued, Full, Closed };  ///< First: it was empty, so the taker must be woken
    Put put(Outgoing message);
    /// The next one, which still counts as in here until it is `sent`.
    std::optional<Outgoing> next();
    void sent();

    void setLimit(std::size_t bytes);
    /// Nothing more goes in. What is in it stays, or goes where it isn't wanted any more.
    void close();
    void discard();

    std::size_t bytes() const;
    std::size_t mostBytes() const;  ///< since the start
    bool empty() const;

  private:
    mutable std::mutex mutex_;
    std::deque<Outgoing> messages_;
    std::size_t limit_, bytes_ = 0, most_ = 0, beingSent_ = 0;
    bool sending_ = false, closed_ = false;
};

}  // namespace rondo::net
