#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "net/data/peer_handshake.h"
#include "net/data/peer_listener.h"

namespace rondo::net {

/// Somebody who waits for calls of other ranks.
class Expecting {
  public:
    virtual ~Expecting() = default;
    /// The key of that pair, if this is about it.
    virtual std::optional<Secret32> keyOf(const PeerHello& hello) const = 0;
    /// Whether the proven caller is wanted; then exactly one of `taken` and `lost` follows.
    virtual bool reserve(const PeerHello& hello) = 0;
    virtual void taken(const PeerHello& hello, std::unique_ptr<PeerStream> stream) = 0;
    virtual void lost(const PeerHello& hello) = 0;
};

/// The listener's inside. Everything on its thread, but for the counts.
class PeerDoor : public std::enable_shared_from_this<PeerDoor> {
  public:
    PeerDoor(asio::io_context& context, PeerListener::Options options);
    void open();
    void close();
    std::uint16_t port() const { return port_; }
    PeerListener::Counts counts() const;
    asio::io_context& context() { return context_; }
    bool secure() const { return tls_.has_value(); }

    void expect(std::weak_ptr<Expecting> who);
    void forget(const Expecting* who);

  private:
    struct Guest;
    using Guests = std::list<std::shared_ptr<Guest>>;

    asio::awaitable<void> takeCalls();
    asio::awaitable<void> serve(std::shared_ptr<Guest> guest);
    /// Waits until somebody expects this caller, for as long as the connection stands.
    asio::awaitable<std::shared_ptr<Expecting>> whoExpects(Guest& guest, const PeerHello& hello);
    void admit(PeerSocket::Socket socket);

    asio::io_context& context_;
    PeerListener::Options options_;
    std::optional<asio::ssl::context> tls_;
    asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    std::vector<std::weak_ptr<Expecting>> expecting_;
    Guests guests_;
    std::atomic<std::uint64_t> called_ = 0, refused_ = 0;
    std::atomic<std::size_t> unproven_ = 0;
};

}  // namespace rondo::net
