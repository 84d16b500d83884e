#include "net/ws/ws_connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <utility>

#include "net/wire/plain_words.h"
#include "net/ws/connection_errors.h"
#include "net/ws/incoming.h"
#include "net/ws/received_bytes.h"
#include "net/ws/tls_context.h"

namespace rondo::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

/// As tcp::socket, but its end doesn't wait for the other side: Beast would read until a peer that breaks the
/// protocol deigns to hang up, and tell us of the breach only then.
struct Socket : tcp::socket {
    using tcp::socket::socket;
    explicit Socket(tcp::socket&& socket) : tcp::socket(std::move(socket)) {}
};

template <class Handler>
void async_teardown(beast::role_type, Socket& socket, Handler&& handler) {
    error_code error;
    socket.shutdown(tcp::socket::shutdown_send, error);
    asio::post(socket.get_executor(), beast::bind_front_handler(std::forward<Handler>(handler), error));
}

using Plain = Socket;
using Encrypted = beast::ssl_stream<Socket>;

/// Everything about a connection that doesn't depend on whether it is encrypted.
template <class Layer>
class WsConnection final : public Connection, public std::enable_shared_from_this<WsConnection<Layer>> {
    static constexpr bool kEncrypted = std::is_same_v<Layer, Encrypted>;

  public:
    template <class... Args>
    explicit WsConnection(IoThread& io, Args&&... args)
        : io_(io.context()),
          ws_(std::forward<Args>(args)...),
          deadline_(io_),
          tick_(io_),
          outbox_(Limits{}.outbox) {
        ws_.auto_fragment(false);
        ws_.write_buffer_bytes(kWriteBuffer);
        setLimits(limits_);
    }

    // Any thread.

    Sent send(Outgoing message) override {
        switch (outbox_.put(std::move(message))) {
            case Outbox::Put::Full:
                return Sent::Full;
            case Outbox::Put::Closed:
                return Sent::Closed;
            case Outbox::Put::First:
                asio::post(io_, [self = this->shared_from_this()] { self->pump(); });
                break;
            case Outbox::Put::Queued:
                break;
        }
        return Sent::Yes;
    }
    std::size_t waitingBytes() const override { return outbox_.bytes(); }
    std::size_t mostWaitingBytes() const override { return outbox_.mostBytes(); }

    // The io thread.

    void accept(const Fingerprint* fingerprint) {
        if (fingerprint) fingerprint_ = *fingerprint;
        noteAddresses();
        if constexpr (kEncrypted) {
            ws_.next_layer().async_handshake(asio::ssl::stream_base::server,
                                             [self = this->shared_from_this()](error_code error) {
                                                 if (error) return self->broken(error);
                                                 self->readRequest();
                                             });
        } else {
            readRequest();
        }
    }

    void dial(const DialOptions& options) {
        url_ = options.url;
        expected_ = options.certificate;
        setDeadline(options.within, CloseCode::TooSlow, "no answer from " + textOf(url_));
        resolver_.emplace(io_);
        resolver_->async_resolve(url_.host, std::to_string(url_.port),
                                 [self = this->shared_from_this()](error_code error, auto found) {
                                     if (self->over_) return;
                                     if (error) return self->broken(error);
                                     self->connect(std::move(found));
                                 });
    }

    void setHandlers(Handlers handlers) override {
        handlers_ = std::make_shared<const Handlers>(std::move(handlers));
    }

    void setLimits(Limits limits) override {
        limits_ = limits;
        outbox_.setLimit(limits.outbox);
        ws_.read_message_max(std::max(limits.text, limits.binary));
    }

    void setDeadline(Duration after, CloseCode code, std::string why) override {
        deadline_.expires_after(after);
        deadline_.async_wait([self = this->shared_from_this(), code, why = std::move(why)](error_code error) {
            if (error || self->over_) return;
            if (self->open_) return self->fail(code, why);
            self->end({code, why, false, false});
            self->cut();
        });
    }
    void clearDeadline() override { deadline_.cancel(); }

    void keepAlive(Duration interval, Duration silence) override {
        interval_ = interval;
        silence_ = silence;
        silentFor_ = {};
        lastTick_ = lastSent_ = Clock::now();
        armTick();
    }

    void pause() override { paused_ = true; }
    void resume() override {
        if (!std::exchange(paused_, false)) return;
        if (open_ && !over_ && !reading_) read();
    }

    void close(CloseCode code, std::string why, Duration patience) override {
        if (over_) return;
        closing_ = true;
        closeReason_.code = static_cast<std::uint16_t>(code);
        closeReason_.reason = shortened(why);
        outbox_.close();
        end({code, std::move(why), false, false});
        if (!open_) return cut();
        cutAfter(patience);
        pump();
        // What it still says goes unread, but a close frame of its own is looked for.
        if (!reading_ && !closeSent_) read();
    }

    void abort(std::string why) override {
        end({CloseCode::GoingAway, std::move(why), false, true});
        cut();
    }

    bool secure() const override { return kEncrypted; }
    std::span<const std::uint8_t> fingerprint() const override {
        return fingerprint_ ? std::span<const std::uint8_t>(*fingerprint_) : std::span<const std::uint8_t>();
    }
    const std::string& remoteAddress() const override { return remote_; }
    std::uint16_t remotePort() const override { return remotePort_; }
    const std::string& localAddress() const override { return local_; }
    std::size_t readingBytes() const override { return incoming_.capacity() + request_.capacity(); }

  private:
    static constexpr Duration kPatience = std::chrono::seconds(2);
    static constexpr std::size_t kWriteBuffer = 64 * 1024, kMostRequest = 8192, kFrame = 256 * 1024;

    auto& socket() { return beast::get_lowest_layer(ws_); }

    static std::string shortened(const std::string& why) {
        constexpr std::size_t kMost = 123;  // a close frame has no room for more
        return plainWords(why, kMost);
    }

    void noteAddresses() {
        error_code error;
        const auto remote = socket().remote_endpoint(error);
        if (!error) {
            remote_ = plain(remote.address());
            remotePort_ = remote.port();
        }
        const auto local = socket().local_endpoint(error);
        if (!error) local_ = plain(local.address());
        socket().set_option(tcp::no_delay(true), error);
    }
    /// An IPv4 peer of a socket for both looks like ::ffff:10.0.0.7.
    static std::string plain(const asio::ip::address& address) {
        if (address.is_v6() && address.to_v6().is_v4_mapped())
            return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
        return address.to_string();
    }

    // Opening, as a server.

    void readRequest() {
        parser_.emplace();
        parser_->header_limit(kMostRequest / 2);
        http::async_read_header(ws_.next_layer(), request_, *parser_,
                                [self = this->shared_from_this()](error_code error, std::size_t) {
                                    if (self->over_) return;
                                    if (error) return self->broken(error);
                                    self->judgeRequest();
                                });
    }

    void judgeRequest() {
        const auto& request = parser_->get();
        const std::string_view target = request.target();
        if (!websocket::is_upgrade(request))
            return decline(http::status::upgrade_required, "plain HTTP, not a WebSocket");
        if (target != kEndpoint)
            return decline(http::status::not_found, "asked for " + plainWords(std::string_view(target), 60));
        http::token_list offered(request[http::field::sec_websocket_protocol]);
        if (!offered.exists(beast::string_view(kSubprotocol.data(), kSubprotocol.size())))
            return decline(http::status::bad_request,
                           "doesn't offer the subprotocol " + std::string(kSubprotocol));
        if (request_.size() > 0) return decline(http::status::bad_request, "talks before it was answered");
        ws_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
            response.set(http::field::sec_websocket_protocol, std::string(kSubprotocol));
        }));
        ws_.async_accept(request, [self = this->shared_from_this()](error_code error) {
            self->parser_.reset();
            self->request_ = beast::flat_buffer(kMostRequest);
            if (self->over_) return;
            if (error) return self->broken(error);
            self->opened();
        });
    }

    void decline(http::status status, std::string why) {
        auto response = std::make_shared<http::response<http::empty_body>>(status, 11);
        response->set(http::field::connection, "close");
        response->content_length(0);
        end({CloseCode::BadFrame, std::move(why), false, false});
        cutAfter(kPatience);
        http::async_write(
            ws_.next_layer(), *response,
            [self = this->shared_from_this(), response](error_code, std::size_t) { self->cut(); });
    }

    // Opening, as a client.

    void connect(tcp::resolver::results_type found) {
        asio::async_connect(static_cast<tcp::socket&>(socket()), found,
                            [self = this->shared_from_this()](error_code error, const tcp::endpoint&) {
                                if (self->over_) return;
                                if (error) return self->broken(error);
                                self->noteAddresses();
                                self->secureIt();
                            });
    }

    void secureIt() {
        if constexpr (kEncrypted) {
            ws_.next_layer().async_handshake(
                asio::ssl::stream_base::client, [self = this->shared_from_this()](error_code error) {
                    if (self->over_) return;
                    if (error) return self->broken(error);
                    const auto shown = peerFingerprint(self->ws_.next_layer().native_handle());
                    if (!shown || !self->expected_.fits(*shown)) {
                        self->end(
                            {CloseCode::WrongProof,
                             "the host's certificate isn't the one that the code or fingerprint tells of",
                             false, false});
                        return self->cut();
                    }
                    self->fingerprint_ = shown;
                    self->askForWebSocket();
                });
        } else {
            askForWebSocket();
        }
    }

    void askForWebSocket() {
        ws_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
            request.set(http::field::sec_websocket_protocol, std::string(kSubprotocol));
        }));
        response_.emplace();
        const std::string host = textOf(url_).substr(url_.secure ? 6 : 5);
        ws_.async_handshake(*response_, host, std::string(kEndpoint),
                            [self = this->shared_from_this()](error_code error) {
                                if (self->over_) return;
                                self->judgeResponse(error);
                            });
    }

    void judgeResponse(error_code error) {
        const auto response = std::exchange(response_, std::nullopt);
        if (error == websocket::error::upgrade_declined ||
            (!error && (*response)[http::field::sec_websocket_protocol] !=
                           beast::string_view(kSubprotocol.data(), kSubprotocol.size()))) {
            end({CloseCode::Version, "what answers there is no host of Rondo", false, false});
            return cut();
        }
        if (error) return broken(error);
        deadline_.cancel();
        opened();
    }

    // Open.

    void opened() {
        open_ = true;
        call(&Handlers::opened);
        if (over_) return;
        read();
        pump();
    }

    void read() {
        if (paused_ && !over_) return;
        reading_ = true;
        ws_.async_read_some(incoming_.room(),
                            [self = this->shared_from_this()](error_code error, std::size_t bytes) {
                                self->reading_ = false;
                                self->readSome(error, bytes);
                            });
    }

    void readSome(error_code error, std::size_t bytes) {
        if (error) return broken(error);
        heard();
        if (over_) {
            incoming_.clear();
            return read();
        }
        incoming_.add(bytes);
        const bool text = ws_.got_text();
        if (!text && limits_.binary == 0) return fail(CloseCode::WrongKind, "bytes where text belongs");
        if (text && limits_.text == 0) return fail(CloseCode::WrongKind, "text where bytes belong");
        const std::size_t limit = text ? limits_.text : limits_.binary;
        if (incoming_.size() > limit)
            return fail(CloseCode::TooBig, "message longer than " + std::to_string(limit) + " bytes");
        if (ws_.is_message_done()) {
            if (text) {
                call(&Handlers::text, incoming_.text());
            } else {
                call(&Handlers::binary, incoming_.bytes());
            }
            incoming_.clear();
        }
        // A handler may have closed or paused, and resumed.
        if (!reading_ && !cut_ && !closeSent_) read();
    }

    void pump() {
        if (!open_ || writing_ || cut_) return;
        outgoing_ = outbox_.next();
        if (!outgoing_) {
            if (closing_ && !closeSent_) sendClose();
            return;
        }
        ws_.text(outgoing_->text());
        written_ = 0;
        write();
    }

    /// A long message goes in several frames. Between them a pong finds its way out; Beast reads nothing
    /// until it has, and a host would look silent to who sends it a hundred megabytes.
    void write() {
        const auto left = outgoing_->bytes().subspan(written_);
        const std::size_t size = std::min(left.size(), kFrame);
        writing_ = true;
        ws_.async_write_some(size == left.size(), asio::buffer(left.data(), size),
                             [self = this->shared_from_this()](error_code error, std::size_t bytes) {
                                 self->writing_ = false;
                                 self->lastSent_ = Clock::now();
                                 self->written_ += bytes;
                                 if (error) self->outbox_.sent();
                                 if (error) return self->broken(error);
                                 self->wrote();
                             });
    }

    void wrote() {
        if (cut_) return outbox_.sent();
        if (written_ < outgoing_->bytes().size()) return write();
        outgoing_.reset();
        outbox_.sent();
        pump();
        if (!over_ && !writing_) call(&Handlers::drained);
    }

    void sendClose() {
        closeSent_ = true;
        ws_.async_close(closeReason_, [self = this->shared_from_this()](error_code) { self->cut(); });
    }

    void heard() { silentFor_ = {}; }

    /// Pings and pongs count too. Not by Beast's callback for them: with one, a close frame that comes while
    /// ours goes out can leave its reading and its closing waiting for each other.
    void lookForBytes() {
        const auto bytes = receivedBytes(socket().native_handle());
        if (bytes && std::exchange(received_, *bytes) != *bytes) heard();
    }

    void armTick() {
        constexpr Duration kAtLeast = std::chrono::milliseconds(1);
        tick_.expires_after(std::max(kAtLeast, std::min(interval_, silence_ / 4)));
        tick_.async_wait([self = this->shared_from_this()](error_code error) {
            if (!error && !self->over_) self->ticked();
        });
    }

    void ticked() {
        const auto now = Clock::now();
        const Duration planned = std::min(interval_, silence_ / 4);
        lookForBytes();
        // A tick that comes late says that we stood still, not that the peer did.
        if (!paused_) silentFor_ += std::min(now - lastTick_, 2 * planned);
        lastTick_ = now;
        if (silentFor_ >= silence_) {
            const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(silence_).count();
            const std::string duration =
                ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
            end({CloseCode::TooSlow, "nothing heard for " + duration, false, true});
            return cut();
        }
        if (!pinging_ && (silentFor_ >= interval_ || now - lastSent_ >= interval_)) {
            pinging_ = true;
            ws_.async_ping({}, [self = this->shared_from_this()](error_code error) {
                self->pinging_ = false;
                if (!error) self->lastSent_ = Clock::now();
            });
        }
        armTick();
    }

    // Ends.

    void fail(CloseCode code, std::string why) { close(code, std::move(why), kPatience); }

    void cutAfter(Duration patience) {
        deadline_.expires_after(patience);
        deadline_.async_wait([self = this->shared_from_this()](error_code error) {
            if (!error) self->cut();
        });
    }

    void broken(error_code error) {
        if (over_) return cut();
        if (error == websocket::error::closed) {
            const auto reason = ws_.reason();
            std::string why = plainWords(std::string_view(reason.reason.data(), reason.reason.size()), 200);
            const auto code = static_cast<CloseCode>(reason.code);
            if (why.empty()) why = code == CloseCode::Normal ? "left" : "left without a reason";
            end({code, std::move(why), true, false});
        } else {
            const CloseCode code = codeOf(error);
            end({code, wordsOf(error, limits_), false, code == CloseCode::GoingAway});
        }
        cut();
    }

    /// Says so, once and not from inside a call of the owner's.
    void end(Closed closed) {
        if (std::exchange(over_, true)) return;
        outbox_.close();
        tick_.cancel();
        // Handlers hold their owner; they go now, so that nobody keeps anybody alive.
        asio::post(io_, [handlers = std::exchange(handlers_, std::make_shared<const Handlers>()),
                         closed = std::move(closed)] {
            if (handlers->closed) handlers->closed(closed);
        });
    }

    /// A handler may end the connection, and so let go of all handlers, while it runs.
    template <class Handler, class... Args>
    void call(Handler which, Args&&... args) {
        const auto handlers = handlers_;
        if ((*handlers).*which) ((*handlers).*which)(std::forward<Args>(args)...);
    }

    void cut() {
        if (std::exchange(cut_, true)) return;
        deadline_.cancel();
        tick_.cancel();
        if (resolver_) resolver_->cancel();
        outbox_.discard();
        error_code error;
        socket().close(error);
    }

    asio::io_context& io_;
    websocket::stream<Layer> ws_;
    asio::steady_timer deadline_, tick_;
    std::optional<tcp::resolver> resolver_;
    std::shared_ptr<const Handlers> handlers_ = std::make_shared<const Handlers>();
    Limits limits_;
    Outbox outbox_;
    std::optional<Outgoing> outgoing_;  ///< under way, `written_` bytes of it gone
    std::size_t written_ = 0;

    beast::flat_buffer request_{kMostRequest};
    std::optional<http::request_parser<http::empty_body>> parser_;
    std::optional<websocket::response_type> response_;
    Url url_;
    ExpectedCertificate expected_;
    std::optional<Fingerprint> fingerprint_;
    std::string remote_, local_;
    std::uint16_t remotePort_ = 0;

    Incoming incoming_;
    websocket::close_reason closeReason_;
    Duration interval_{}, silence_{}, silentFor_{};
    Clock::time_point lastTick_{}, lastSent_{};
    std::uint64_t received_ = 0;
    bool open_ = false, reading_ = false, writing_ = false, pinging_ = false, paused_ = false;
    bool over_ = false;  ///< the owner has been told
    bool closing_ = false, closeSent_ = false, cut_ = false;
};

}  // namespace

std::shared_ptr<Connection> acceptConnection(IoThread& io, tcp::socket socket, asio::ssl::context* tls,
                                             const Fingerprint* fingerprint) {
    const auto begin = [&](auto made) -> std::shared_ptr<Connection> {
        made->accept(fingerprint);
        return made;
    };
    if (!tls) return begin(std::make_shared<WsConnection<Plain>>(io, Socket(std::move(socket))));
    return begin(std::make_shared<WsConnection<Encrypted>>(io, Socket(std::move(socket)), *tls));
}

std::shared_ptr<Connection> dial(IoThread& io, const DialOptions& options, Connection::Handlers handlers,
                                 Connection::Limits limits) {
    const auto begin = [&](auto made) -> std::shared_ptr<Connection> {
        made->setHandlers(std::move(handlers));
        made->setLimits(limits);
        made->dial(options);
        return made;
    };
    if (!options.url.secure) return begin(std::make_shared<WsConnection<Plain>>(io, Socket(io.context())));
    asio::ssl::context tls = clientContext();
    return begin(std::make_shared<WsConnection<Encrypted>>(io, Socket(io.context()), tls));
}

}  // namespace rondo::net
