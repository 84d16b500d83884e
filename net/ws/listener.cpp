#include "net/ws/listener.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <optional>
#include <utility>

#include "net/ws/tls_context.h"
#include "net/ws/url.h"
#include "net/ws/ws_connection.h"

namespace rondo::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct Listener::Inside : std::enable_shared_from_this<Inside> {
    Inside(IoThread& thread, QuietLog& quiet)
        : io(thread), log(quiet), acceptor(io.context()), again(io.context()) {}

    void next() {
        acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
            if (self->closed || error == asio::error::operation_aborted) return;
            if (error) return self->later(error);
            self->take(std::move(socket));
            self->next();
        });
    }

    /// Out of file descriptors, say: trying again at once would only burn time.
    void later(error_code error) {
        log.say("accept", "can't accept connections: " + error.message());
        again.expires_after(std::chrono::milliseconds(100));
        again.async_wait([self = shared_from_this()](error_code) {
            if (!self->closed) self->next();
        });
    }

    void take(tcp::socket socket) {
        ++accepted;
        forgetEnded();
        if (strangers.size() >= options.mostUntrusted) {
            if (const auto oldest = strangers.front().lock()) {
                log.say("crowd", oldest->remoteAddress() + ": dropped, " + std::to_string(strangers.size()) +
                                     " others haven't joined either");
                oldest->abort("too many connections that haven't joined");
            }
            strangers.pop_front();
        }
        auto connection = acceptConnection(io, std::move(socket), tls ? &*tls : nullptr,
                                           tls ? &options.identity->fingerprint() : nullptr);
        connection->setDeadline(options.handshake, CloseCode::TooSlow, "not joined in time");
        strangers.push_back(connection);
        most = std::max(most, strangers.size());
        accept(std::move(connection));
    }

    void forgetEnded() {
        std::erase_if(strangers, [](const auto& stranger) { return stranger.expired(); });
    }

    IoThread& io;
    QuietLog& log;
    tcp::acceptor acceptor;
    asio::steady_timer again;
    ListenOptions options;
    std::optional<asio::ssl::context> tls;
    Accept accept;
    std::deque<std::weak_ptr<Connection>> strangers;
    std::size_t most = 0;
    std::uint64_t accepted = 0;
    bool closed = false;
};

Listener::Listener(IoThread& io, QuietLog& log) : inside_(std::make_shared<Inside>(io, log)) {}

Listener::~Listener() {
    close();
}

Result<std::uint16_t> Listener::open(const ListenOptions& options, Accept accept) {
    Inside& in = *inside_;
    in.options = options;
    in.accept = std::move(accept);
    error_code error;
    const auto listenAt = [&](const tcp::endpoint& endpoint) {
        in.acceptor.close(error);
        in.acceptor.open(endpoint.protocol(), error);
        if (error) return;
        in.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (endpoint.address().is_v6() && endpoint.address().is_unspecified())
            in.acceptor.set_option(asio::ip::v6_only(false), error);
        if (!error) in.acceptor.bind(endpoint, error);
        if (!error) in.acceptor.listen(asio::socket_base::max_listen_connections, error);
    };
    if (options.address.empty()) {
        listenAt({tcp::v6(), options.port});
        if (error && error != asio::error::address_in_use) listenAt({tcp::v4(), options.port});
    } else {
        tcp::resolver resolver(in.io.context());
        const auto found = resolver.resolve(options.address, std::to_string(options.port), error);
        if (error) return Problem{"listen", options.address + " is no address of this machine"};
        listenAt(*found.begin());
    }
    if (error) {
        const std::string where = (options.address.empty() ? std::string() : options.address + " ") +
                                  "port " + std::to_string(options.port);
        if (error == asio::error::address_in_use)
            return Problem{"listen",
                           where + " is taken by another program; choose another port, or 0 for any"};
        if (error == asio::error::access_denied)
            return Problem{"listen", where + " needs rights that we don't have; choose one above 1023"};
        if (error == asio::error::make_error_code(asio::error::basic_errors::fault) ||
            error.value() == EADDRNOTAVAIL)
            return Problem{"listen", options.address + " is no address of this machine"};
        return Problem{"listen", where + ": " + error.message()};
    }
    if (options.identity) in.tls.emplace(serverContext(*options.identity));
    in.next();
    return in.acceptor.local_endpoint().port();
}

void Listener::close() {
    if (std::exchange(inside_->closed, true)) return;
    error_code error;
    inside_->acceptor.close(error);
    inside_->again.cancel();
    for (const auto& stranger : inside_->strangers)
        if (const auto connection = stranger.lock())
            connection->close(CloseCode::GoingAway, "the host has ended");
    inside_->strangers.clear();
    inside_->accept = {};
}

void Listener::trust(const std::shared_ptr<Connection>& connection) {
    connection->clearDeadline();
    std::erase_if(inside_->strangers, [&](const auto& stranger) {
        const auto locked = stranger.lock();
        return !locked || locked == connection;
    });
}

std::size_t Listener::untrusted() const {
    inside_->forgetEnded();
    return inside_->strangers.size();
}

std::size_t Listener::mostUntrusted() const {
    return inside_->most;
}

std::uint64_t Listener::accepted() const {
    return inside_->accepted;
}

}  // namespace rondo::net
