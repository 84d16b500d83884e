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
    /// `body` is about to be written, from where it lies, or masked from elsewhere; leave it there until it
    /// is. Asio hands on 64 KB of it at a time; the socket takes as much along as it can, and says so later.
    void expectBody(std::span<const std::byte> body) { body_ = body; }

    template <class Buffers, class Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler) {
        const std::size_t size = asio::buffer_size(buffers);
        if (ahead_ > 0) {
            const std::size_t known = std::min(size, ahead_);
            ahead_ -= known;
            asio::post(get_executor(), beast::bind_front_handler(std::forward<Handler>(handler),
                                                                 boost::system::error_code{}, known));
            return;
        }
        WriteThatNeverFails<std::decay_t<Handler>> wrapped{std::forward<Handler>(handler), this, size};
        WriteParts parts;
        for (auto i = asio::buffer_sequence_begin(buffers); i != asio::buffer_sequence_end(buffers); ++i)
            if (!parts.add(*i)) {
                socket_.async_write_some(buffers, std::move(wrapped));
                return;
            }
        parts.extend(body_);
        socket_.async_write_some(parts, std::move(wrapped));
    }

  private:
    /// Buffers of one write: frame header, own header and body, as a rule.
    class WriteParts {
      public:
        using value_type = asio::const_buffer;
        const asio::const_buffer* begin() const { return parts_.data(); }
        const asio::const_buffer* end() const { return parts_.data() + count_; }
        bool add(asio::const_buffer part) {
            if (part.size() == 0) return true;
            if (count_ == parts_.size()) return false;
            parts_[count_++] = part;
            return true;
        }
        /// Takes along what follows of the body.
        void extend(std::span<const std::byte> body) {
            constexpr std::size_t kMost = std::size_t{1} << 20;
            if (count_ == 0 || body.empty()) return;
            asio::const_buffer& last = parts_[count_ - 1];
            const auto* start = static_cast<const std::byte*>(last.data());
            const std::byte* bodyEnd = body.data() + body.size();
            if (std::less<>()(start, body.data()) || !std::less<>()(start, bodyEnd)) return;
            last = {start, std::max(last.size(),
                                    std::min<std::size_t>(kMost, static_cast<std::size_t>(bodyEnd - start)))};
        }

      private:
        std::array<asio::const_buffer, 6> parts_;
        std::size_t count_ = 0;
    };

    template <class Handler>
    friend struct WriteThatNeverFails;
    Socket socket_;
    tcp protocol_ = tcp::v4();
    int parked_ = -1;
    boost::system::error_code writeError_;
    std::span<const std::byte> body_;
    std::size_t ahead_ = 0;  ///< bytes that are written and not yet asked for
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
        if (written > size) {
            socket->ahead_ = written - size;
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
