#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "net/ws/tls_context.h"

namespace rondo::net::test {

/// Somebody on the way to a port of this computer: hands on all that passes, and reads it. With a certificate
/// of its own, towards whom it calls the usual one, it opens TLS too.
class Middleman {
  public:
    enum class Does { Listens, OpensTls };
    Middleman(std::uint16_t target, Does does) : target_(target), opensTls_(does == Does::OpensTls) {
        acceptor_.open(tcp::v4());
        acceptor_.bind({boost::asio::ip::address_v4::loopback(), 0});
        acceptor_.listen();
        boost::asio::co_spawn(
            context_, [this] { return takeCalls(); }, boost::asio::detached);
        thread_ = std::thread([this] { context_.run(); });
    }
    ~Middleman() {
        context_.stop();
        thread_.join();
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    const Fingerprint& fingerprint() const { return identity_.fingerprint(); }
    std::uint64_t called() const { return called_; }
    /// What it could read, both ways: of TLS that it opened, its inside.
    std::string read() const {
        const std::lock_guard lock(mutex_);
        return read_;
    }

  private:
    using tcp = boost::asio::ip::tcp;
    using Tls = boost::asio::ssl::stream<tcp::socket>;
    static constexpr auto kUse = boost::asio::use_awaitable;

    struct Call {
        Call(boost::asio::io_context& context, boost::asio::ssl::context& server,
             boost::asio::ssl::context& client)
            : caller(context, server), target(context, client) {}
        Tls caller, target;
    };

    boost::asio::awaitable<void> takeCalls() {
        for (;;) {
            auto call = std::make_shared<Call>(context_, serverTls_, clientTls_);
            co_await acceptor_.async_accept(call->caller.next_layer(), kUse);
            ++called_;
            boost::asio::co_spawn(context_, serve(call), boost::asio::detached);
        }
    }
    boost::asio::awaitable<void> serve(std::shared_ptr<Call> call) {
        co_await call->target.next_layer().async_connect({boost::asio::ip::address_v4::loopback(), target_},
                                                         kUse);
        if (opensTls_) {
            co_await call->caller.async_handshake(boost::asio::ssl::stream_base::server, kUse);
            co_await call->target.async_handshake(boost::asio::ssl::stream_base::client, kUse);
            boost::asio::co_spawn(context_, handOn(call, call->caller, call->target), boost::asio::detached);
            co_await handOn(call, call->target, call->caller);
        } else {
            boost::asio::co_spawn(context_,
                                  handOn(call, call->caller.next_layer(), call->target.next_layer()),
                                  boost::asio::detached);
            co_await handOn(call, call->target.next_layer(), call->caller.next_layer());
        }
    }
    template <class Stream>
    boost::asio::awaitable<void> handOn(std::shared_ptr<Call> call, Stream& from, Stream& to) {
        try {
            std::string room(16 * 1024, '\0');
            for (;;) {
                const std::size_t got = co_await from.async_read_some(boost::asio::buffer(room), kUse);
                {
                    const std::lock_guard lock(mutex_);
                    read_.append(room, 0, got);
                }
                co_await boost::asio::async_write(to, boost::asio::buffer(room, got), kUse);
            }
        } catch (const boost::system::system_error&) {
            boost::system::error_code ignored;
            call->caller.next_layer().close(ignored);
            call->target.next_layer().close(ignored);
        }
    }

    const std::uint16_t target_;
    const bool opensTls_;
    Identity identity_;
    boost::asio::ssl::context serverTls_ = serverContext(identity_), clientTls_ = clientContext();
    boost::asio::io_context context_{1};
    tcp::acceptor acceptor_{context_};
    std::atomic<std::uint64_t> called_ = 0;
    mutable std::mutex mutex_;
    std::string read_;
    std::thread thread_;
};

}  // namespace rondo::net::test
