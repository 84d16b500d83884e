#pragma once

#include <cstdint>
#include <optional>

namespace rondo::net {

/// How many bytes have come in at a TCP socket since it was opened, read by us or not; as Linux counts them.
std::optional<std::uint64_t> receivedBytes(int socket);

}  // namespace rondo::net
