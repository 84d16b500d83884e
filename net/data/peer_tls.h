#pragma once

#include <openssl/ssl.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "net/ws/tls.h"

namespace rondo::net {

class PeerSocket;

/// TLS of a data connection. Unlike asio's it holds nothing of an io_context and never waits: it is asked
/// again once the socket can do what it wants. So a connection can change from the thread that sets it up to
/// the one that uses it.
///
/// Thread: the connection's.
class PeerTls {
  public:
    enum class Side { Client, Server };
    PeerTls(boost::asio::ssl::context& context, Side side);
    ~PeerTls();
    PeerTls(const PeerTls&) = delete;
    PeerTls& operator=(const PeerTls&) = delete;

    struct Outcome {
        enum class Wants { Nothing, ToRead, ToWrite } wants = Wants::Nothing;
        std::size_t bytes = 0;
        boost::system::error_code error;
    };
    Outcome handshake(int socket);
    Outcome read(int socket, std::span<std::byte> room);
    /// What is written lies here until the socket has taken it: at most kRecord bytes at a time.
    std::span<std::byte> staging() { return staging_; }
    Outcome writeStaged(int socket, std::size_t bytes);
    static constexpr std::size_t kRecord = 16 * 1024;

    /// Of the certificate that both sides have seen: the server's. After the handshake.
    const Fingerprint& fingerprint() const { return fingerprint_; }

  private:
    struct FreeSsl {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    struct Wire {
        int socket = -1, error = 0;
    };
    Outcome outcomeOf(int result, std::size_t bytes);
    void clear(int socket);

    static BIO_METHOD* wireMethod();
    static int wireWrite(BIO* bio, const char* bytes, int size);
    static int wireRead(BIO* bio, char* room, int size);
    static long wireControl(BIO* bio, int command, long, void*);

    Wire wire_;
    std::unique_ptr<SSL, FreeSsl> ssl_;
    std::vector<std::byte> staging_;
    Fingerprint fingerprint_{};
};

/// For connections between ranks: TLS 1.3 only, no resumption.
boost::asio::ssl::context peerServerContext(const Identity& identity);
boost::asio::ssl::context peerClientContext();

/// From its handshake on everything goes through TLS. Throws boost::system::system_error. Who is at the other
/// end is not known by it: certificates are self-made; what follows must prove it, fingerprint included.
boost::asio::awaitable<void> encrypt(PeerSocket& socket, boost::asio::ssl::context& context,
                                     PeerTls::Side side);

}  // namespace rondo::net
