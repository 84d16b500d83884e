#include "net/data/buffer_pool.h"

#include <algorithm>
#include <bit>

namespace rondo::net {

namespace {

constexpr std::size_t kSmallest = 4096;

/// A few sizes only, so that buffers fit again; at most a quarter too large.
std::size_t roomFor(std::size_t size) {
    if (size <= kSmallest) return kSmallest;
    const std::size_t step = std::bit_ceil(size) / 8;
    return (size + step - 1) / step * step;
}

}  // namespace

MessageBuffer BufferPool::take(std::size_t size) {
    if (size == 0) return {};
    const std::size_t room = roomFor(size);
    for (auto i = free_.rbegin(); i != free_.rend(); ++i) {
        if (i->capacity_ < size || i->capacity_ > 2 * room) continue;
        MessageBuffer buffer = std::move(*i);
        free_.erase(std::next(i).base());
        kept_ -= buffer.capacity_;
        buffer.size_ = size;
        return buffer;
    }
    MessageBuffer buffer;
    buffer.data_ = std::make_unique_for_overwrite<std::byte[]>(room);
    buffer.capacity_ = room;
    buffer.size_ = size;
    return buffer;
}

void BufferPool::giveBack(MessageBuffer buffer) {
    if (buffer.capacity_ == 0) return;
    kept_ += buffer.capacity_;
    free_.push_back(std::move(buffer));
    while (kept_ > kMostKept && free_.size() > 1) {
        kept_ -= free_.front().capacity_;
        free_.erase(free_.begin());
    }
}

}  // namespace rondo::net
