#pragma once

#include <cstdint>
#include <string>

namespace rondo {

/// The address by which this computer reaches `host`, in figures. Nothing is sent. std::runtime_error when
/// there is no way.
std::string ownAddressTowards(const std::string& host, std::uint16_t port);

/// Whether the name or address is one of this computer's. False for a name nobody knows.
bool isOwnAddress(const std::string& host);

/// Of an address in figures: nobody but this computer itself reaches it.
bool isLoopback(const std::string& address);

}  // namespace rondo
