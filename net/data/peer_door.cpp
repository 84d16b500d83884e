#include "net/data/peer_door.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

#include "net/ws/io_thread.h"

namespace rondo::net {

struct PeerDoor::Guest {
    Guest(PeerSocket::Socket socket, asio::steady_timer::time_point cutoff)
        : deadline(cutoff),
          patience(socket.get_executor(), cutoff),
          stream(std::make_unique<PeerStream>(std::move(socket))),
          address(addressOf(*stream)) {}
    static std::string addressOf(PeerStream& stream) {
        boost::system::error_code ignored;
        return stream.next_layer().socket().remote_endpoint(ignored).address().to_string();
    }
    bool closed() const { return !stream || !stream->next_layer().socket().is_open(); }
    const asio::steady_timer::time_point deadline;
    asio::steady_timer patience;  ///< cancelled when somebody new expects callers
    std::unique_ptr<PeerStream> stream;
    std::string address;
    Guests::iterator place;
    bool dropped = false;
};

PeerDoor::PeerDoor(asio::io_context& context, PeerListener::Options options)
    : context_(context), options_(std::move(options)), acceptor_(context) {
    if (options_.secure) tls_ = peerServerContext(Identity());
    const bool any = options_.address.empty();
    const auto address =
        any ? asio::ip::address(asio::ip::address_v6::any()) : asio::ip::make_address(options_.address);
    const auto listenOn = [&](const asio::ip::tcp::endpoint& at) {
        acceptor_.open(at.protocol());
        acceptor_.set_option(asio::socket_base::reuse_address(true));
        if (any && at.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(false));
        acceptor_.bind(at);
        acceptor_.listen();
    };
    boost::system::error_code none;
    try {
        listenOn({address, options_.port});
    } catch (const boost::system::system_error&) {
        if (!any) throw;
        acceptor_.close(none);  // a computer without IPv6
        listenOn({asio::ip::address_v4::any(), options_.port});
    }
    port_ = acceptor_.local_endpoint().port();
}

void PeerDoor::open() {
    asio::co_spawn(
        context_, [self = shared_from_this()] { return self->takeCalls(); }, asio::detached);
}

void PeerDoor::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& guest : guests_) {
        if (guest->stream) guest->stream->next_layer().close();
        guest->patience.cancel();
    }
    expecting_.clear();
}

PeerListener::Counts PeerDoor::counts() const {
    return {called_.load(), refused_.load(), unproven_.load()};
}

void PeerDoor::expect(std::weak_ptr<Expecting> who) {
    expecting_.push_back(std::move(who));
    for (const auto& guest : guests_) guest->patience.cancel();
}

void PeerDoor::forget(const Expecting* who) {
    std::erase_if(expecting_, [&](const auto& weak) {
        const auto one = weak.lock();
        return !one || one.get() == who;
    });
}

asio::awaitable<void> PeerDoor::takeCalls() {
    const auto self = shared_from_this();
    while (acceptor_.is_open()) {
        boost::system::error_code error;
        PeerSocket::Socket socket(context_);
        co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
        if (error) {
            // Out of descriptors, say: calls wait in the kernel until some are given back.
            asio::steady_timer pause(context_, std::chrono::milliseconds(100));
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
            continue;
        }
        admit(std::move(socket));
    }
}

void PeerDoor::admit(PeerSocket::Socket socket) {
    ++called_;
    if (guests_.size() >= options_.mostUnproven) {
        for (const auto& oldest : guests_)
            if (!oldest->dropped) {
                oldest->dropped = true;
                if (oldest->stream) oldest->stream->next_layer().close();
                oldest->patience.cancel();
                break;
            }
    }
    auto guest =
        std::make_shared<Guest>(std::move(socket), std::chrono::steady_clock::now() + options_.deadline);
    guest->place = guests_.insert(guests_.end(), guest);
    unproven_ = guests_.size();
    asio::co_spawn(
        context_, [self = shared_from_this(), guest] { return self->serve(guest); }, asio::detached);
}

asio::awaitable<void> PeerDoor::serve(std::shared_ptr<Guest> guest) {
    const auto self = shared_from_this();
    std::string why;
    std::shared_ptr<Expecting> who;
    PeerHello hello;
    bool proven = false, reserved = false;
    try {
        PeerStream& stream = *guest->stream;
        const Cutoff cutoff(stream, guest->deadline);
        if (tls_) co_await encrypt(stream.next_layer(), *tls_, PeerTls::Side::Server);
        const Heard heard = co_await hear(stream);
        hello = heard.hello;
        who = co_await whoExpects(*guest, hello);
        if (!who) throw HandshakeFailed("no such pair of ranks");
        const Secret32 key = who->keyOf(hello).value_or(randomSecret());
        if (!provesKey(heard, key)) throw HandshakeFailed("wrong proof");
        proven = true;
        if (!who->reserve(hello)) throw HandshakeFailed("there is a connection already");
        reserved = true;
        co_await welcome(stream, heard, key);
        co_await hearUse(stream);
    } catch (const std::exception& error) {
        why = error.what();
        if (guest->dropped) why = "too many connections without a proof";
    }
    if (guest->place != guests_.end()) guests_.erase(std::exchange(guest->place, guests_.end()));
    unproven_ = guests_.size();
    if (why.empty()) {
        who->taken(hello, std::move(guest->stream));
        co_return;
    }
    guest->stream.reset();
    if (reserved) who->lost(hello);
    if (proven) co_return;  // one of ours, on another way by now
    ++refused_;
    if (options_.log) options_.log("data connection from " + guest->address + " refused: " + why);
}

asio::awaitable<std::shared_ptr<Expecting>> PeerDoor::whoExpects(Guest& guest, const PeerHello& hello) {
    for (;;) {
        for (const auto& weak : expecting_)
            if (auto one = weak.lock(); one && one->keyOf(hello)) co_return one;
        boost::system::error_code woken;
        co_await guest.patience.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (guest.closed() || woken != asio::error::operation_aborted) co_return nullptr;
    }
}

PeerListener::PeerListener(Options options) : thread_(std::make_shared<IoThread>()) {
    try {
        door_ = std::make_shared<PeerDoor>(thread_->context(), std::move(options));
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(std::string("can't listen for data connections: ") + error.what());
    }
    thread_->perform([&] { door_->open(); });
}

PeerListener::~PeerListener() {
    thread_->perform([&] { door_->close(); });
}

std::uint16_t PeerListener::port() const {
    return door_->port();
}

PeerListener::Counts PeerListener::counts() const {
    return door_->counts();
}

}  // namespace rondo::net
