#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace rondo {

/// Waits until somebody listens at that port, by trying to connect: a machine may start before the one it
/// counts on, and its name be known later. CommError: Deadline with the last reason, Cancelled once `stop` is
/// requested. `say` hears the first reason.
void awaitListener(const std::string& host, std::uint16_t port, std::chrono::steady_clock::time_point due,
                   const std::stop_token& stop, const std::function<void(const std::string&)>& say = {});

}  // namespace rondo
