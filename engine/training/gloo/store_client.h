#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace rondo {

using StorePtr = c10::intrusive_ptr<c10d::Store>;

/// A connection of its own to the store there; what it is called for goes under `prefix`. CommError,
/// PeerGone, when none answers for so long (two seconds at least).
StorePtr storeAt(const std::string& host, std::uint16_t port, const std::string& prefix,
                 std::chrono::milliseconds timeout);

/// What LibTorch says of an error, without the stack it adds.
std::string wordsOf(const std::exception& error);

}  // namespace rondo
