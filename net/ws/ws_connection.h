#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "net/ws/connection.h"
#include "net/ws/dialer.h"
#include "net/ws/io_thread.h"

namespace rondo::net {

inline constexpr std::string_view kEndpoint = "/rondo/1";
inline constexpr std::string_view kSubprotocol = "rondo.1";

/// Of a socket that has just been accepted: its handshakes (TLS if `tls`, HTTP, WebSocket) begin at once, and
/// no handler is called before this has returned and the caller has set them.
std::shared_ptr<Connection> acceptConnection(IoThread& io, boost::asio::ip::tcp::socket socket,
                                             boost::asio::ssl::context* tls, const Fingerprint* fingerprint);

}  // namespace rondo::net
