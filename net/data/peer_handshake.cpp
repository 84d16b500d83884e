#include "net/data/peer_handshake.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstring>

#include "net/wire/close_code.h"

namespace rondo::net {

namespace http = beast::http;
namespace websocket = beast::websocket;

namespace {

constexpr std::string_view kMagic = "rondo.p1";
constexpr std::size_t kLongest = 128;  // of these messages
constexpr unsigned char kUse = 1;

std::string roleOf(const PeerHello& hello) {
    const auto bytes = encode(hello);
    return "peer " + std::string(bytes.begin(), bytes.end());
}

Handshake handshakeOf(const Secret32& heardsNonce, const Secret32& callersNonce, const std::string& role,
                      std::span<const unsigned char> fingerprint) {
    return {heardsNonce, callersNonce, role, fingerprint};
}

/// One binary message of exactly `size` bytes.
asio::awaitable<std::vector<unsigned char>> readExactly(PeerStream& stream, std::size_t size,
                                                        const char* name) {
    beast::flat_buffer buffer(kLongest);
    co_await stream.async_read(buffer, asio::use_awaitable);
    if (!stream.got_binary() || buffer.size() != size)
        throw HandshakeFailed(std::string("expected a ") + name + " of " + std::to_string(size) +
                              " bytes, got " + std::to_string(buffer.size()) +
                              (stream.got_binary() ? "" : " of text"));
    const auto* data = static_cast<const unsigned char*>(buffer.data().data());
    co_return std::vector<unsigned char>(data, data + buffer.size());
}

asio::awaitable<void> write(PeerStream& stream, std::span<const unsigned char> bytes) {
    stream.binary(true);
    co_await stream.async_write(asio::buffer(bytes.data(), bytes.size()), asio::use_awaitable);
}

void putNumber(unsigned char* out, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) out[i] = static_cast<unsigned char>(value >> (8 * i));
}
std::uint32_t number(const unsigned char* in) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(in[i]) << (8 * i);
    return value;
}

}  // namespace

void settle(PeerStream& stream) {
    stream.read_message_max(kLongest);
    stream.auto_fragment(false);  // else a large message goes out in frames of 4 KB
    stream.write_buffer_bytes(128 * 1024);
    boost::system::error_code ignored;
    stream.next_layer().socket().set_option(tcp::no_delay(true), ignored);
}

std::array<unsigned char, kHelloBytes> encode(const PeerHello& hello) {
    std::array<unsigned char, kHelloBytes> bytes{};
    putNumber(&bytes[0], hello.generation);
    putNumber(&bytes[4], static_cast<std::uint32_t>(hello.from.value));
    putNumber(&bytes[8], static_cast<std::uint32_t>(hello.to.value));
    putNumber(&bytes[12], static_cast<std::uint32_t>(hello.lane));
    return bytes;
}

Result<PeerHello> decodePeerHello(std::span<const unsigned char> bytes) {
    if (bytes.size() != kHelloBytes)
        return Problem{"hello",
                       std::to_string(bytes.size()) + " bytes, expected " + std::to_string(kHelloBytes)};
    PeerHello hello;
    hello.generation = number(&bytes[0]);
    hello.from.value = static_cast<std::int32_t>(number(&bytes[4]));
    hello.to.value = static_cast<std::int32_t>(number(&bytes[8]));
    const std::uint32_t lane = number(&bytes[12]);
    if (lane > 1) return Problem{"hello.lane", std::to_string(lane) + ", expected 0 or 1"};
    hello.lane = static_cast<Lane>(lane);
    if (hello.from.value < 0) return Problem{"hello.from", std::to_string(hello.from.value)};
    return hello;
}

Cutoff::Cutoff(PeerStream& stream, std::chrono::steady_clock::time_point at)
    : timer_(stream.get_executor(), at), over_(std::make_shared<bool>(false)) {
    timer_.async_wait([&stream, over = over_](boost::system::error_code error) {
        if (!error && !*over) stream.next_layer().close();
    });
}

Cutoff::~Cutoff() {
    *over_ = true;  // it may have rung already and wait to be handled
}

asio::awaitable<void> call(PeerStream& stream, const std::string& host, const PeerHello& hello,
                           const Secret32& key) {
    settle(stream);
    stream.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
        request.set(http::field::sec_websocket_protocol, "rondo.1");
    }));
    co_await stream.async_handshake(host, kPeerTarget, asio::use_awaitable);
    const auto challenge = co_await readExactly(stream, kChallengeBytes, "challenge");
    if (std::memcmp(challenge.data(), kMagic.data(), kMagic.size()) != 0)
        throw HandshakeFailed("it speaks something else");
    Secret32 theirs{};
    std::copy(challenge.begin() + static_cast<std::ptrdiff_t>(kMagic.size()), challenge.end(),
              theirs.begin());
    const Secret32 own = randomSecret();
    const std::string role = roleOf(hello);
    const Handshake handshake = handshakeOf(theirs, own, role, fingerprintOf(stream));
    const Secret32 proof = proofOfClient(key, handshake);
    const auto said = encode(hello);
    std::array<unsigned char, kHelloBytes + 2 * sizeof(Secret32)> message{};
    std::copy(said.begin(), said.end(), message.begin());
    std::copy(own.begin(), own.end(), message.begin() + kHelloBytes);
    std::copy(proof.begin(), proof.end(), message.begin() + kHelloBytes + sizeof(Secret32));
    co_await write(stream, message);
    const auto answer = co_await readExactly(stream, sizeof(Secret32), "welcome");
    if (!same(answer, proofOfHost(key, handshake))) throw HandshakeFailed("it doesn't know the key");
}

asio::awaitable<Heard> hear(PeerStream& stream) {
    settle(stream);
    beast::flat_buffer buffer(16 * 1024);
    http::request_parser<http::empty_body> parser;
    parser.header_limit(8 * 1024);
    parser.body_limit(boost::optional<std::uint64_t>(0));
    co_await http::async_read(stream.next_layer(), buffer, parser, asio::use_awaitable);
    if (!websocket::is_upgrade(parser.get()) || parser.get().target() != kPeerTarget)
        throw HandshakeFailed("not an upgrade to " + std::string(kPeerTarget));
    stream.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
        response.set(http::field::sec_websocket_protocol, "rondo.1");
    }));
    co_await stream.async_accept(parser.get(), asio::use_awaitable);

    Heard heard;
    const auto shown = fingerprintOf(stream);
    heard.fingerprint.assign(shown.begin(), shown.end());
    heard.ownNonce = randomSecret();
    std::array<unsigned char, kChallengeBytes> challenge{};
    std::copy(kMagic.begin(), kMagic.end(), challenge.begin());
    std::copy(heard.ownNonce.begin(), heard.ownNonce.end(), challenge.begin() + kMagic.size());
    co_await write(stream, challenge);
    const auto said = co_await readExactly(stream, kHelloBytes + 2 * sizeof(Secret32), "hello");
    const auto hello = decodePeerHello(std::span(said).first(kHelloBytes));
    if (!hello) throw HandshakeFailed(hello.error());
    heard.hello = *hello;
    std::copy_n(said.begin() + kHelloBytes, sizeof(Secret32), heard.theirNonce.begin());
    std::copy_n(said.begin() + kHelloBytes + sizeof(Secret32), sizeof(Secret32), heard.proof.begin());
    co_return heard;
}

bool provesKey(const Heard& heard, const Secret32& key) {
    const std::string role = roleOf(heard.hello);
    return same(heard.proof,
                proofOfClient(key, handshakeOf(heard.ownNonce, heard.theirNonce, role, heard.fingerprint)));
}

asio::awaitable<void> welcome(PeerStream& stream, const Heard& heard, const Secret32& key) {
    const std::string role = roleOf(heard.hello);
    const Secret32 proof =
        proofOfHost(key, handshakeOf(heard.ownNonce, heard.theirNonce, role, heard.fingerprint));
    co_await write(stream, proof);
}

asio::awaitable<void> sayUse(PeerStream& stream) {
    const unsigned char use = kUse;
    co_await write(stream, {&use, 1});
}

asio::awaitable<void> hearUse(PeerStream& stream) {
    const auto said = co_await readExactly(stream, 1, "use");
    if (said[0] != kUse) throw HandshakeFailed("expected use");
}

std::span<const unsigned char> fingerprintOf(const PeerStream& stream) {
    const PeerTls* tls = stream.next_layer().tls();
    return tls ? std::span<const unsigned char>(tls->fingerprint()) : std::span<const unsigned char>();
}

Secret32 keyFrom(const std::string& bytes) {
    Secret32 key{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
    return key;
}

}  // namespace rondo::net
