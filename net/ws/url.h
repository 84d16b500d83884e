#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace rondo::net {

/// Where a host is: ws://HOST:PORT, or wss:// where it is encrypted. A path may follow; the protocol has its
/// own.
struct Url {
    bool secure = false;
    std::string host;  ///< a name or an address, an IPv6 one without its brackets
    std::uint16_t port = 0;
    bool operator==(const Url&) const = default;
};

inline constexpr std::uint16_t kDefaultPort = 7077;  ///< where none is given

Result<Url> readUrl(std::string_view text);
std::string textOf(const Url& url);

/// "127.0.0.1:7077", "[::1]:0", ":7077" (all addresses), "7077" (the same): where to listen.
Result<Url> readListenAddress(std::string_view text);

}  // namespace rondo::net
