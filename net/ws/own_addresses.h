#pragma once

#include <string>
#include <vector>

namespace rondo::net {

/// Addresses under which others may reach this machine, most likely first: IPv4 of interfaces that are up,
/// then IPv6 that isn't link-local; without the loopback.
std::vector<std::string> ownAddresses();

}  // namespace rondo::net
