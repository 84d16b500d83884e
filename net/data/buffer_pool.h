#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace rondo::net {

/// Memory for one message; aligned for any number, and not cleared first.
class MessageBuffer {
  public:
    MessageBuffer() = default;
    std::span<std::byte> bytes() const { return {data_.get(), size_}; }
    std::size_t capacity() const { return capacity_; }

  private:
    friend class BufferPool;
    std::unique_ptr<std::byte[]> data_;
    std::size_t size_ = 0, capacity_ = 0;
};

/// Buffers to be used again: fresh memory costs a page fault per 4 KB, more than the copy into it. One
/// thread.
class BufferPool {
  public:
    MessageBuffer take(std::size_t size);
    void giveBack(MessageBuffer buffer);
    std::size_t kept() const { return kept_; }

    static constexpr std::size_t kMostKept = std::size_t{64} << 20;  ///< beyond it only the one used last

  private:
    std::vector<MessageBuffer> free_;  // the one used last at the end
    std::size_t kept_ = 0;
};

}  // namespace rondo::net
