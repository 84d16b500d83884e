#include "net/data/relay_call.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <utility>

#include "net/wire/control_message.h"
#include "net/ws/tls_context.h"
#include "net/ws/ws_connection.h"

namespace rondo::net {

namespace http = beast::http;
namespace websocket = beast::websocket;

namespace {

/// The next text message, which must be a `Message`.
template <class Message>
asio::awaitable<Message> expect(PeerStream& stream) {
    beast::flat_buffer buffer(kMostTextBytesBefore);
    co_await stream.async_read(buffer, asio::use_awaitable);
    if (!stream.got_text()) throw HandshakeFailed("the host sends bytes before the relay is open");
    const auto message = readControlMessage(beast::buffers_to_string(buffer.data()), kMostTextBytesBefore);
    if (!message) throw HandshakeFailed("the host can't be understood: " + message.error());
    if (const auto* refused = std::get_if<Refused>(&*message))
        throw HandshakeFailed("the host opens no relay: " + refused->why);
    const auto* wanted = std::get_if<Message>(&*message);
    if (!wanted) throw HandshakeFailed("the host says " + std::string(nameOf(*message)) + " out of turn");
    co_return *wanted;
}

asio::awaitable<void> join(PeerStream& stream, const RelayAccess& access, const RelayPart& part) {
    const auto challenge = co_await expect<Challenge>(stream);
    if (challenge.version != kProtocolVersion || challenge.iterations > kMostIterations)
        throw HandshakeFailed("the host speaks another version");
    const Secret32 key = keyOfCode(access.secret, challenge.salt, challenge.iterations);
    const Handshake handshake{challenge.nonce, randomSecret(), nameOf(Role::Relay), fingerprintOf(stream)};
    Hello hello;
    hello.role = Role::Relay;
    hello.nonce = handshake.clientNonce;
    hello.proof = proofOfClient(key, handshake);
    hello.token = access.token;
    hello.relay = part;
    const std::string said = toText(hello);
    stream.text(true);
    co_await stream.async_write(asio::buffer(said), asio::use_awaitable);
    const auto welcome = co_await expect<Welcome>(stream);
    if (!same(welcome.proof, proofOfHost(key, handshake)))
        throw HandshakeFailed("what answers at the host's address doesn't know the code");
}

}  // namespace

asio::awaitable<void> callRelay(PeerStream& stream, const RelayAccess& access, const RelayPart& part) {
    tcp::resolver resolver(stream.get_executor());
    const auto places = co_await resolver.async_resolve(access.host.host, std::to_string(access.host.port),
                                                        asio::use_awaitable);
    co_await asio::async_connect(stream.next_layer().socket(), places, asio::use_awaitable);
    if (access.host.secure) {
        auto tls = clientContext();
        co_await encrypt(stream.next_layer(), tls, PeerTls::Side::Client);
        if (!access.certificate.fits(stream.next_layer().tls()->fingerprint()))
            throw HandshakeFailed("what answers at the host's address has another certificate");
    }
    settle(stream);
    stream.read_message_max(kMostTextBytesBefore);
    stream.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
        request.set(http::field::sec_websocket_protocol, std::string(kSubprotocol));
    }));
    co_await stream.async_handshake(textOf(access.host).substr(access.host.secure ? 6 : 5),
                                    std::string(kEndpoint), asio::use_awaitable);
    co_await join(stream, access, part);
    const auto there = co_await expect<Relayed>(stream);
    if (there != Relayed{part.generation, part.peer, part.lane})
        throw HandshakeFailed("the host relays to another rank");
}

}  // namespace rondo::net
