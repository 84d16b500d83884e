#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace rondo::net {

/// A message that is being read. Grows with what has come, never with what a peer says will come, and isn't
/// filled with zeros first.
class Incoming {
  public:
    static constexpr std::size_t kPiece = 64 * 1024, kKept = 1 << 20;

    boost::asio::mutable_buffer room() {
        if (size_ == capacity_) grow();
        return boost::asio::buffer(bytes_.get() + size_, std::min(capacity_ - size_, 16 * kPiece));
    }
    void add(std::size_t bytes) { size_ += bytes; }
    std::span<const std::byte> bytes() const { return {bytes_.get(), size_}; }
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.get()), size_}; }
    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    void clear() {
        size_ = 0;
        if (capacity_ <= kKept) return;
        bytes_.reset();
        capacity_ = 0;
    }

  private:
    void grow() {
        const std::size_t capacity = capacity_ == 0 ? kFirst : 2 * capacity_;
        auto bytes = std::make_unique_for_overwrite<std::byte[]>(capacity);
        std::copy_n(bytes_.get(), size_, bytes.get());
        bytes_ = std::move(bytes);
        capacity_ = capacity;
    }

    static constexpr std::size_t kFirst = 4096;
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace rondo::net
