#pragma once

#include <boost/asio/associator.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <memory>
#include <utility>

namespace rondo::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

template <class Handler>
struct WriteThatNeverFails;

/// The TCP socket under a data connection. Two things a plain socket doesn't do: between operations it can
/// change to another io_context (a connection is set up on one thread and used by another), and a failed
/// write looks to Beast as if it had succeeded, because Beast gives a stream up on its first error, while
/// what the peer had sent before it went can still be read.
class PeerSocket {
  public:
    using executor_type = asio::io_context::executor_type;
    using Socket = asio::basic_stream_socket<tcp, executor_type>;

    explicit PeerSocket(Socket socket) : socket_(std::move(socket)) {}

    executor_type get_executor() { return socket_.get_executor(); }
    Socket& socket() { return socket_; }
    const boost::system::error_code& writeError() const { return writeError_; }
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
          writeError_(other.writeError_) {}
    PeerSocket& operator=(PeerSocket&&) = delete;
    ~PeerSocket();

    template <class Buffers, class Handler>
    auto async_read_some(const Buffers& buffers, Handler&& handler) {
        return socket_.async_read_some(buffers, std::forward<Handler>(handler));
    }
    template <class Buffers, class Handler>
    auto async_write_some(const Buffers& buffers, Handler&& handler) {
        return socket_.async_write_some(
            buffers, WriteThatNeverFails<std::decay_t<Handler>>{std::forward<Handler>(handler), this,
                                                                asio::buffer_size(buffers)});
    }

  private:
    template <class Handler>
    friend struct WriteThatNeverFails;
    Socket socket_;
    tcp protocol_ = tcp::v4();
    int parked_ = -1;
    boost::system::error_code writeError_;
};

template <class Handler>
struct WriteThatNeverFails {
    Handler handler;
    PeerSocket* socket;
    std::size_t size;
    void operator()(boost::system::error_code error, std::size_t written) {
        // Closed by ourselves: then the stream is not used any more, and perhaps not there.
        if (error && error != asio::error::operation_aborted) {
            socket->writeError_ = error;
            error = {};
            written = size;
        }
        std::move(handler)(error, written);
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
struct associator<Associator, rondo::net::WriteThatNeverFails<Handler>, Default> {
    using type = typename Associator<Handler, Default>::type;
    static type get(const rondo::net::WriteThatNeverFails<Handler>& wrapped,
                    const Default& otherwise = Default()) noexcept {
        return Associator<Handler, Default>::get(wrapped.handler, otherwise);
    }
};
}  // namespace boost::asio
