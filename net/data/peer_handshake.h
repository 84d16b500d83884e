#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"
#include "engine/events/event.h"
#include "net/data/peer_socket.h"
#include "net/membership/authentication.h"

namespace rondo::net {

// How a data connection begins (PROTOCOL.md, "Peers"): WebSocket upgrade of kPeerTarget, over TLS in a secure
// room, then challenge, hello, welcome and use, binary messages of fixed size. Both sides prove that they
// know the key of this pair and world, and that they see the same certificate. Coroutines; they throw
// boost::system::system_error or HandshakeFailed.

inline constexpr const char* kPeerTarget = "/rondo/1/peer";

struct HandshakeFailed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What the side that calls says of itself.
struct PeerHello {
    std::uint32_t generation = 0;
    Rank from, to;
    Lane lane = Lane::Compute;
    bool operator==(const PeerHello&) const = default;
};
inline constexpr std::size_t kHelloBytes = 16, kChallengeBytes = 40;
std::array<unsigned char, kHelloBytes> encode(const PeerHello& hello);
Result<PeerHello> decodePeerHello(std::span<const unsigned char> bytes);

/// How the stream of a data connection is set, before its handshake.
void settle(PeerStream& stream);

/// Closes a socket when its time is over.
class Cutoff {
  public:
    Cutoff(PeerStream& stream, std::chrono::steady_clock::time_point at);
    ~Cutoff();
    Cutoff(const Cutoff&) = delete;

  private:
    asio::steady_timer timer_;
    std::shared_ptr<bool> over_;
};

/// The calling side, up to the welcome: the other has proved itself and waits for `use`.
asio::awaitable<void> call(PeerStream& stream, const std::string& host, const PeerHello& hello,
                           const Secret32& key);

/// The side that is called, in two halves, since only the hello tells which key it is about.
struct Heard {
    PeerHello hello;
    Secret32 ownNonce{}, theirNonce{}, proof{};
    std::vector<unsigned char> fingerprint;  ///< of the certificate shown; empty without TLS
};
asio::awaitable<Heard> hear(PeerStream& stream);
bool provesKey(const Heard& heard, const Secret32& key);
asio::awaitable<void> welcome(PeerStream& stream, const Heard& heard, const Secret32& key);

/// The last word, of the calling side: this connection it is.
asio::awaitable<void> sayUse(PeerStream& stream);
asio::awaitable<void> hearUse(PeerStream& stream);

/// Of the certificate that both sides of an encrypted connection have seen; empty of another.
std::span<const unsigned char> fingerprintOf(const PeerStream& stream);

Secret32 keyFrom(const std::string& bytes);  ///< of 32 bytes; shorter ones are filled up with zeros

}  // namespace rondo::net
