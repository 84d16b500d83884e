#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "net/wire/frame.h"
#include "net/ws/outbox.h"

namespace rondo::net {

/// A binary message: header, and a copy of the body behind it.
inline Outgoing framed(const FrameHeader& header, std::span<const std::byte> body) {
    const auto head = encode(header);
    std::vector<std::byte> bytes;
    bytes.reserve(head.size() + body.size());
    bytes.insert(bytes.end(), head.begin(), head.end());
    bytes.insert(bytes.end(), body.begin(), body.end());
    return Outgoing(std::move(bytes));
}

}  // namespace rondo::net
