#pragma once

#include <boost/asio/ssl/context.hpp>
#include <optional>

#include "net/ws/tls.h"

namespace rondo::net {

/// With Asio in it, so not for others than net/.
boost::asio::ssl::context serverContext(const Identity& identity);
/// Any certificate passes here; the caller compares its fingerprint before it says a word.
boost::asio::ssl::context clientContext();
/// Of the certificate the other side has shown; none: it has shown none.
std::optional<Fingerprint> peerFingerprint(SSL* ssl);
/// Of the one that this side shows.
std::optional<Fingerprint> ownFingerprint(SSL* ssl);

}  // namespace rondo::net
