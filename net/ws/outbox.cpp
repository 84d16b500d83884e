#include "net/ws/outbox.h"

#include <algorithm>
#include <utility>

namespace rondo::net {

Outgoing::Outgoing(std::string text) : text_(true) {
    auto kept = std::make_shared<const std::string>(std::move(text));
    bytes_ = std::as_bytes(std::span(*kept));
    owner_ = std::move(kept);
}

Outgoing::Outgoing(std::vector<std::byte> bytes)
    : Outgoing(std::make_shared<const std::vector<std::byte>>(std::move(bytes))) {}

Outgoing::Outgoing(std::shared_ptr<const std::vector<std::byte>> bytes) : bytes_(*bytes) {
    owner_ = std::move(bytes);
}

Outbox::Put Outbox::put(Outgoing message) {
    const std::lock_guard lock(mutex_);
    if (closed_) return Put::Closed;
    const std::size_t size = message.bytes().size();
    if (size > limit_ || bytes_ > limit_ - size) return Put::Full;
    const bool first = messages_.empty() && !sending_;
    messages_.push_back(std::move(message));
    bytes_ += size;
    most_ = std::max(most_, bytes_);
    return first ? Put::First : Put::Queued;
}

std::optional<Outgoing> Outbox::next() {
    const std::lock_guard lock(mutex_);
    if (messages_.empty() || sending_) return std::nullopt;
    Outgoing message = std::move(messages_.front());
    messages_.pop_front();
    sending_ = true;
    beingSent_ = message.bytes().size();
    return message;
}

void Outbox::sent() {
    const std::lock_guard lock(mutex_);
    bytes_ -= std::exchange(beingSent_, 0);
    sending_ = false;
}

void Outbox::setLimit(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    limit_ = bytes;
}

void Outbox::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
}

void Outbox::discard() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const Outgoing& message : messages_) bytes_ -= message.bytes().size();
    messages_.clear();
}

std::size_t Outbox::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::size_t Outbox::mostBytes() const {
    const std::lock_guard lock(mutex_);
    return most_;
}

bool Outbox::empty() const {
    const std::lock_guard lock(mutex_);
    return messages_.empty() && !sending_;
}

}  // namespace rondo::net
