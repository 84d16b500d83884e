#include "net/ws/connection_errors.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/error.hpp>

namespace rondo::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

CloseCode codeOf(error_code error) {
    if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow ||
        error == http::error::header_limit || error == http::error::buffer_overflow)
        return CloseCode::TooBig;
    if (error == websocket::error::bad_frame_payload) return CloseCode::BadText;
    if (error == websocket::condition::protocol_violation) return CloseCode::BadFrame;
    return CloseCode::GoingAway;
}

std::string wordsOf(error_code error, const Connection::Limits& limits) {
    if (error == websocket::error::bad_unmasked_frame) return "frame without a mask";
    if (error == websocket::error::bad_masked_frame) return "frame with a mask where none belongs";
    if (error == websocket::error::message_too_big)
        return "message longer than " + std::to_string(std::max(limits.text, limits.binary)) + " bytes";
    if (error == websocket::error::bad_frame_payload) return "text that isn't UTF-8";
    if (error == asio::error::eof || error == asio::error::connection_reset ||
        error == asio::ssl::error::stream_truncated || error == http::error::end_of_stream ||
        error == http::error::partial_message || error == asio::error::broken_pipe)
        return "connection broke off";
    if (error == asio::error::connection_refused) return "nobody listens there";
    if (error == asio::error::host_unreachable || error == asio::error::network_unreachable)
        return "no way to that machine";
    if (error == asio::error::timed_out) return "no answer";
    if (error == asio::error::host_not_found || error == asio::error::host_not_found_try_again)
        return "no machine of that name";
    if (error == websocket::condition::protocol_violation) return "not WebSocket: " + error.message();
    if (error.category() == asio::error::get_ssl_category()) return "no TLS: " + error.message();
    return error.message();
}

}  // namespace rondo::net
