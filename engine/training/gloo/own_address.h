#pragma once

#include <cstdint>
#include <string>

namespace rondo {

/// The address by which this computer reaches `host`, in figures. Nothing is sent. std::runtime_error when
/// there is no way.
std::string ownAddressTowards(const std::string& host, std::uint16_t port);

}  // namespace rondo
