#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rondo::net {

/// The masking of RFC 6455, 5.3: byte i of a payload is changed by byte i mod 4 of the frame's key.
using MaskKey = std::array<std::byte, 4>;

/// `to` becomes `from` masked (or unmasked); `from` begins at byte `at` of the payload. They are equally long
/// and don't overlap.
void copyMasked(std::span<std::byte> to, std::span<const std::byte> from, const MaskKey& key, std::size_t at);

/// Keys that nobody can foresee, as the RFC demands it: an intermediary must not be made to see what a
/// sender likes. One thread.
class MaskKeys {
  public:
    MaskKey next();

  private:
    std::array<std::byte, 1024> drawn_{};
    std::size_t used_ = sizeof(drawn_);
};

}  // namespace rondo::net
