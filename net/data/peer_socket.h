#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/associator.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "net/data/peer_tls.h"

namespace rondo::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

template <class Handler>
struct TlsOperation;

inline tcp::socket::wait_type waitFor(PeerTls::Outcome::Wants wants) {
    return wants == PeerTls::Outcome::Wants::ToRead ? tcp::socket::wait_read : tcp::socket::wait_write;
}

/// The TCP socket under a data connection, encrypted or not. Two things a plain socket doesn't do: between
/// operations it can change to another io_context (a connection is set up on one thread and used by another),
/// and what is written through it can be taken out of Beast's hands.
class PeerSocket {
  public:
    using executor_type = asio::io_context::executor_type;
    using Socket = asio::basic_stream_socket<tcp, executor_type>;

    explicit PeerSocket(Socket socket) : socket_(std::move(socket)) {}

    executor_type get_executor() { return socket_.get_executor(); }
    Socket& socket() { return socket_; }
    /// From now on; its handshake is over. No operation may be under way.
    void encryptBy(std::unique_ptr<PeerTls> tls) { tls_ = std::move(tls); }
    /// None: what it carries can be read on the way.
    PeerTls* tls() const { return tls_.get(); }
    /// It neither sends nor reads any more; operations under way end.
    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    /// Out of its io_context, on the thread of that; no operation may be under way.
    void detach() {
        boost::system::error_code closed;
        const auto own = socket_.local_endpoint(closed);
        protocol_ = own.protocol();
        parked_ = closed ? -1 : socket_.release();
    }
    /// Into another, on the thread of that.
    void attach(asio::io_context& context) {
        socket_ = Socket(context.get_executor());
        if (parked_ >= 0) socket_.assign(protocol_, std::exchange(parked_, -1));
    }

    PeerSocket(PeerSocket&& other) noexcept
        : socket_(std::move(other.socket_)),
          protocol_(other.protocol_),
          parked_(std::exchange(other.parked_, -1)),
          tls_(std::move(other.tls_)) {}
    PeerSocket& operator=(PeerSocket&&) = delete;
    ~PeerSocket();

    template <class Buffers, class Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        if (tls_)
            TlsOperation<std::decay_t<Handler>>{std::forward<Handler>(handler), this, firstOf(buffers)}
                .begin();
        else
            socket_.async_read_some(buffers, std::forward<Handler>(handler));
    }
    /// From now on what Beast writes of its own accord (answers to pings, the close frame) goes there, to be
    /// written between two frames, and counts as written: Beast gives a stream up on its first error, while
    /// what the peer had sent before it went can still be read.
    using Outlet = std::function<void(std::span<const std::byte>)>;
    void writeBy(Outlet outlet) { outlet_ = std::move(outlet); }

    template <class Buffers, class Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler) {
        if (outlet_) {
            for (auto i = asio::buffer_sequence_begin(buffers); i != asio::buffer_sequence_end(buffers);
                 ++i) {
                const asio::const_buffer part = *i;
                outlet_({static_cast<const std::byte*>(part.data()), part.size()});
            }
            asio::post(get_executor(),
                       beast::bind_front_handler(std::forward<Handler>(handler), boost::system::error_code{},
                                                 asio::buffer_size(buffers)));
        } else if (tls_) {
            const std::size_t staged =
                asio::buffer_copy(asio::buffer(tls_->staging().data(), tls_->staging().size()), buffers);
            TlsOperation<std::decay_t<Handler>>{std::forward<Handler>(handler), this, {}, staged, true}
                .begin();
        } else {
            socket_.async_write_some(buffers, std::forward<Handler>(handler));
        }
    }

  private:
    template <class Buffers>
    static std::span<std::byte> firstOf(const Buffers& buffers) {
        for (auto i = asio::buffer_sequence_begin(buffers); i != asio::buffer_sequence_end(buffers); ++i) {
            const asio::mutable_buffer room = *i;
            if (room.size() > 0) return {static_cast<std::byte*>(room.data()), room.size()};
        }
        return {};
    }

    Socket socket_;
    tcp protocol_ = tcp::v4();
    int parked_ = -1;
    std::unique_ptr<PeerTls> tls_;
    Outlet outlet_;
};

/// A read or write of an encrypted socket: asks TLS, and waits for the socket as long as TLS wants something
/// of it.
template <class Handler>
struct TlsOperation {
    Handler handler;
    PeerSocket* socket;
    std::span<std::byte> room;  ///< to read into
    std::size_t staged = 0;     ///< to write
    bool writes = false;

    void begin() {
        const auto outcome = ask();
        if (!over(outcome)) return wait(outcome);
        // Never from inside the call that began it.
        const auto executor = socket->get_executor();
        asio::post(executor, beast::bind_front_handler(std::move(handler), outcome.error, outcome.bytes));
    }
    void operator()(boost::system::error_code error) {
        if (error) return std::move(handler)(error, std::size_t{0});
        const auto outcome = ask();
        if (!over(outcome)) return wait(outcome);
        std::move(handler)(outcome.error, outcome.bytes);
    }

  private:
    static bool over(const PeerTls::Outcome& outcome) {
        return outcome.error || outcome.wants == PeerTls::Outcome::Wants::Nothing;
    }
    PeerTls::Outcome ask() const {
        if (writes ? staged == 0 : room.empty()) return {};
        const int native = socket->socket().native_handle();
        return writes ? socket->tls()->writeStaged(native, staged) : socket->tls()->read(native, room);
    }
    void wait(const PeerTls::Outcome& outcome) {
        PeerSocket::Socket& plain = socket->socket();
        plain.async_wait(waitFor(outcome.wants), std::move(*this));
    }
};

/// At the end of a stream nothing is waited for: what is still to be sent the kernel sends.
template <class Handler>
void async_teardown(beast::role_type, PeerSocket& socket, Handler&& handler) {
    boost::system::error_code ignored;
    socket.socket().shutdown(PeerSocket::Socket::shutdown_send, ignored);
    asio::post(socket.get_executor(),
               beast::bind_front_handler(std::forward<Handler>(handler), boost::system::error_code{}));
}
inline void beast_close_socket(PeerSocket& socket) {
    socket.close();
}

/// Never compressed: gradients are noise.
using PeerStream = beast::websocket::stream<PeerSocket, false>;

}  // namespace rondo::net

namespace boost::asio {
/// Executor, allocator and cancellation of the handler inside.
template <template <class, class> class Associator, class Handler, class Default>
struct associator<Associator, rondo::net::TlsOperation<Handler>, Default> {
    using type = typename Associator<Handler, Default>::type;
    static type get(const rondo::net::TlsOperation<Handler>& operation,
                    const Default& otherwise = Default()) noexcept {
        return Associator<Handler, Default>::get(operation.handler, otherwise);
    }
};
}  // namespace boost::asio
