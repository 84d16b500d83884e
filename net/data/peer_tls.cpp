#include "net/data/peer_tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "net/data/peer_socket.h"
#include "net/ws/tls_context.h"

namespace rondo::net {

namespace {

void require(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string("OpenSSL can't ") + what);
}

boost::asio::ssl::context strict(boost::asio::ssl::context context) {
    SSL_CTX* native = context.native_handle();
    require(SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION) == 1, "set a TLS version");
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    require(SSL_CTX_set_num_tickets(native, 0) == 1, "leave out session tickets");
    return context;
}

}  // namespace

boost::asio::ssl::context peerServerContext(const Identity& identity) {
    return strict(serverContext(identity));
}

boost::asio::ssl::context peerClientContext() {
    return strict(clientContext());
}

PeerTls::PeerTls(boost::asio::ssl::context& context, Side side)
    : ssl_(SSL_new(context.native_handle())), staging_(kRecord) {
    require(ssl_ != nullptr, "begin a connection");
    BIO* const wire = BIO_new(wireMethod());
    require(wire != nullptr, "begin a connection");
    BIO_set_data(wire, &wire_);
    BIO_set_init(wire, 1);
    SSL_set_bio(ssl_.get(), wire, wire);
    // A silent connection holds no buffers.
    SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
    // A record a read would be two calls of the kernel for 16 KB.
    SSL_set_read_ahead(ssl_.get(), 1);
    SSL_set_default_read_buffer_len(ssl_.get(), 4 * (kRecord + 256));
    if (side == Side::Server)
        SSL_set_accept_state(ssl_.get());
    else
        SSL_set_connect_state(ssl_.get());
}

PeerTls::~PeerTls() = default;

BIO_METHOD* PeerTls::wireMethod() {
    struct Free {
        void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
    };
    static const std::unique_ptr<BIO_METHOD, Free> method = [] {
        std::unique_ptr<BIO_METHOD, Free> made(
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket"));
        require(made && BIO_meth_set_write(made.get(), wireWrite) == 1 &&
                    BIO_meth_set_read(made.get(), wireRead) == 1 &&
                    BIO_meth_set_ctrl(made.get(), wireControl) == 1,
                "make a way to a socket");
        return made;
    }();
    return method.get();
}

int PeerTls::wireWrite(BIO* bio, const char* bytes, int size) {
    auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto sent = ::send(wire.socket, bytes, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<int>(sent);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        BIO_set_retry_write(bio);
    else
        wire.error = errno;
    return -1;
}

int PeerTls::wireRead(BIO* bio, char* room, int size) {
    auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto got = ::recv(wire.socket, room, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (got >= 0) return static_cast<int>(got);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        BIO_set_retry_read(bio);
    else
        wire.error = errno;
    return -1;
}

long PeerTls::wireControl(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

void PeerTls::clear(int socket) {
    wire_ = {socket, 0};
    ERR_clear_error();  // of another connection on this thread
}

PeerTls::Outcome PeerTls::outcomeOf(int result, std::size_t bytes) {
    if (result == 1) return {Outcome::Wants::Nothing, bytes, {}};
    const auto failed = [](boost::system::error_code error) {
        return Outcome{Outcome::Wants::Nothing, 0, error};
    };
    if (wire_.error != 0) return failed({wire_.error, boost::system::system_category()});
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return {Outcome::Wants::ToRead, 0, {}};
        case SSL_ERROR_WANT_WRITE:
            return {Outcome::Wants::ToWrite, 0, {}};
        case SSL_ERROR_ZERO_RETURN:
        case SSL_ERROR_SYSCALL:
            // Who ends says so in a message of ours, behind which nothing counts: how TLS ends is no news.
            return failed(boost::asio::error::make_error_code(boost::asio::error::eof));
        default:
            const unsigned long reason = ERR_get_error();
            if (ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
                return failed(boost::asio::error::make_error_code(boost::asio::error::eof));
            return failed({static_cast<int>(reason), boost::asio::error::get_ssl_category()});
    }
}

PeerTls::Outcome PeerTls::handshake(int socket) {
    clear(socket);
    const Outcome outcome = outcomeOf(SSL_do_handshake(ssl_.get()), 0);
    if (outcome.error || outcome.wants != Outcome::Wants::Nothing) return outcome;
    const auto seen = SSL_is_server(ssl_.get()) ? ownFingerprint(ssl_.get()) : peerFingerprint(ssl_.get());
    require(seen.has_value(), "show a certificate");
    fingerprint_ = *seen;
    return outcome;
}

PeerTls::Outcome PeerTls::read(int socket, std::span<std::byte> room) {
    clear(socket);
    std::size_t bytes = 0;
    const int result = SSL_read_ex(ssl_.get(), room.data(), room.size(), &bytes);
    return outcomeOf(result, bytes);
}

PeerTls::Outcome PeerTls::writeStaged(int socket, std::size_t bytes) {
    clear(socket);
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), staging_.data(), bytes, &written);
    return outcomeOf(result, written);
}

boost::asio::awaitable<void> encrypt(PeerSocket& socket, boost::asio::ssl::context& context,
                                     PeerTls::Side side) {
    auto tls = std::make_unique<PeerTls>(context, side);
    for (;;) {
        const auto outcome = tls->handshake(socket.socket().native_handle());
        if (outcome.error) throw boost::system::system_error(outcome.error);
        if (outcome.wants == PeerTls::Outcome::Wants::Nothing) break;
        co_await socket.socket().async_wait(waitFor(outcome.wants), asio::use_awaitable);
    }
    socket.encryptBy(std::move(tls));
}

}  // namespace rondo::net
