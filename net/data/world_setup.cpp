#include "net/data/world_setup.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

#include "net/data/relay_call.h"

namespace rondo::net {

namespace {

constexpr std::chrono::milliseconds kPause{100};       // between two calls
constexpr std::chrono::milliseconds kOneCall{5'000};   // a call that isn't answered
constexpr std::chrono::milliseconds kHeldCall{8'000};  // for so long a call that came through is enough
constexpr std::chrono::milliseconds kAtRelay{15'000};  // the host doesn't wait that long for the other one

std::string nameOf(Rank rank, const PeerPlace& place) {
    return "rank " + std::to_string(rank.value) + " (" +
           (place.host.empty() ? "no address" : place.host + ':' + std::to_string(place.port)) + ")";
}

}  // namespace

WorldSetup::WorldSetup(asio::io_context& context, const WorldPlan& plan, bool secure)
    : context_(context), plan_(plan), deadline_(std::chrono::steady_clock::now() + plan.deadline) {
    if (secure) tls_ = peerClientContext();
    std::vector<char> known(static_cast<std::size_t>(std::max(plan.worldSize, 0)));
    for (const PeerPlace& place : plan.peers) {
        if (place.rank.value < 0 || place.rank.value >= plan.worldSize || place.rank == plan.rank ||
            std::exchange(known[place.rank.index()], 1))
            throw std::invalid_argument("rank " + std::to_string(place.rank.value) +
                                        " can't be a peer, or is named twice");
        if (place.key.size() != sizeof(Secret32))
            throw std::invalid_argument("the key for rank " + std::to_string(place.rank.value) +
                                        " isn't 32 bytes long");
        for (const Lane lane : plan.lanes)
            pairs_.push_back(std::make_unique<Pair>(Pair{place, lane, keyFrom(place.key)}));
    }
    for (int rank = 0; rank < plan.worldSize; ++rank)
        if (rank != plan.rank.value && !known[static_cast<std::size_t>(rank)])
            throw std::invalid_argument("where is rank " + std::to_string(rank) + "?");
    missing_ = pairs_.size();
    missingWords_ = whoIsMissing();
}

void WorldSetup::begin() {
    const Time now = std::chrono::steady_clock::now();
    for (const auto& pair : pairs_) {
        const bool known = !pair->place.host.empty();
        if (plan_.relay)
            asio::co_spawn(
                context_,
                [self = shared_from_this(), pair = pair.get(), now, known] {
                    return self->relay(
                        *pair, now + (known ? Time::duration(self->plan_.relayAfter) : Time::duration{0}));
                },
                asio::detached);
        if (!known) continue;
        asio::co_spawn(
            context_,
            [self = shared_from_this(), pair = pair.get(), now] {
                return self->dial(*pair, now + (pair->place.dial ? Time::duration{0}
                                                                 : Time::duration(self->plan_.reverseAfter)));
            },
            asio::detached);
    }
}

void WorldSetup::abandon() {
    over_ = true;
    for (const auto& pair : pairs_) stopCalling(*pair);
}

void WorldSetup::stopCalling(Pair& pair) {
    if (pair.calling) pair.calling->next_layer().close();
    if (pair.pausing) pair.pausing->cancel();
    if (pair.relaying) pair.relaying->next_layer().close();
    if (pair.untilRelay) pair.untilRelay->cancel();
}

asio::awaitable<void> WorldSetup::dial(Pair& pair, Time from) {
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    for (Time next = from; !over_ && !pair.met; next = std::chrono::steady_clock::now() + kPause) {
        asio::steady_timer pause(context_, next);
        pair.pausing = &pause;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        pair.pausing = nullptr;
        if (over_ || pair.met || std::chrono::steady_clock::now() >= deadline_) co_return;
        if (pair.reserved) continue;  // the other has called and is about to use it
        try {
            co_await dialOnce(pair);
        } catch (const boost::system::system_error& error) {
            pair.trouble =
                error.code() == asio::error::operation_aborted ? "no answer in time" : error.code().message();
        } catch (const std::exception& error) {
            pair.trouble = error.what();
        }
        pair.calling = nullptr;
        pair.answered = false;
        const std::lock_guard lock(mutex_);
        missingWords_ = whoIsMissing();
    }
}

asio::awaitable<void> WorldSetup::dialOnce(Pair& pair) {
    tcp::resolver resolver(context_);
    const auto places = co_await resolver.async_resolve(pair.place.host, std::to_string(pair.place.port),
                                                        asio::use_awaitable);
    auto stream = std::make_unique<PeerStream>(PeerSocket::Socket(context_));
    pair.calling = stream.get();
    const Cutoff cutoff(*stream, std::min(deadline_, std::chrono::steady_clock::now() + kOneCall));
    co_await asio::async_connect(stream->next_layer().socket(), places, asio::use_awaitable);
    if (tls_) co_await encrypt(stream->next_layer(), *tls_, PeerTls::Side::Client);
    pair.answered = true;
    const PeerHello hello{plan_.generation, plan_.rank, pair.place.rank, pair.lane};
    co_await call(*stream, pair.place.host, hello, pair.key);
    // The side that dials decides: another connection of this pair may have come about meanwhile. The other
    // side has been told to use this one by the welcome of the side that decides.
    if (pair.place.dial && (pair.reserved || pair.met)) co_return;
    pair.reserved = true;
    try {
        co_await sayUse(*stream);
    } catch (...) {
        pair.reserved = false;
        throw;
    }
    if (!pair.met) keep(pair, Way::Dialled, std::move(stream));
}

asio::awaitable<void> WorldSetup::relay(Pair& pair, Time from) {
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    for (Time next = from; !over_ && !pair.met; next = std::chrono::steady_clock::now() + kPause) {
        asio::steady_timer pause(context_, next);
        pair.untilRelay = &pause;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        pair.untilRelay = nullptr;
        if (over_ || pair.met || std::chrono::steady_clock::now() >= deadline_) co_return;
        // The side that dials decides here too: while it is at the relay it takes no other connection.
        if (pair.place.dial) {
            // Who has come through to a rank that has not begun yet needs no relay.
            if (pair.answered && std::chrono::steady_clock::now() < from + kHeldCall) continue;
            if (std::exchange(pair.reserved, true)) continue;
            if (pair.calling) pair.calling->next_layer().close();
        }
        try {
            co_await relayOnce(pair);
        } catch (const boost::system::system_error& error) {
            pair.relayTrouble = error.code() == asio::error::operation_aborted ? "no answer in time"
                                : error.code() == beast::websocket::error::closed
                                    ? "the other isn't there either"
                                    : error.code().message();
        } catch (const std::exception& error) {
            pair.relayTrouble = error.what();
        }
        pair.relaying = nullptr;
        if (pair.met) co_return;
        if (pair.place.dial) pair.reserved = false;
        const std::lock_guard lock(mutex_);
        missingWords_ = whoIsMissing();
    }
}

asio::awaitable<void> WorldSetup::relayOnce(Pair& pair) {
    auto stream = std::make_unique<PeerStream>(PeerSocket::Socket(context_));
    pair.relaying = stream.get();
    const Cutoff cutoff(*stream, std::min(deadline_, std::chrono::steady_clock::now() + kAtRelay));
    co_await callRelay(*stream, *plan_.relay, {plan_.generation, pair.place.rank, pair.lane});
    if (!pair.met) keep(pair, Way::Relayed, std::move(stream));
}

std::optional<Secret32> WorldSetup::keyOf(const PeerHello& hello) const {
    if (over_ || hello.to != plan_.rank || hello.generation != plan_.generation) return std::nullopt;
    for (const auto& pair : pairs_)
        if (pair->place.rank == hello.from && pair->lane == hello.lane) return pair->key;
    return std::nullopt;
}

WorldSetup::Pair* WorldSetup::find(Rank peer, Lane lane) {
    for (const auto& pair : pairs_)
        if (pair->place.rank == peer && pair->lane == lane) return pair.get();
    return nullptr;
}

bool WorldSetup::reserve(const PeerHello& hello) {
    Pair* pair = find(hello.from, hello.lane);
    if (!pair || pair->met || over_) return false;
    // Who doesn't decide waits for the other's word, on as many connections as the other likes to open.
    if (!pair->place.dial) return true;
    return !std::exchange(pair->reserved, true);
}

void WorldSetup::taken(const PeerHello& hello, std::unique_ptr<PeerStream> stream) {
    if (Pair* pair = find(hello.from, hello.lane); pair && !pair->met)
        keep(*pair, Way::Called, std::move(stream));
}

void WorldSetup::lost(const PeerHello& hello) {
    if (Pair* pair = find(hello.from, hello.lane); pair && pair->place.dial) pair->reserved = false;
}

void WorldSetup::keep(Pair& pair, Way way, std::unique_ptr<PeerStream> stream) {
    if (over_) return;
    pair.met = true;
    if (pair.calling == stream.get()) pair.calling = nullptr;
    if (pair.relaying == stream.get()) pair.relaying = nullptr;
    stopCalling(pair);
    boost::system::error_code gone;
    const auto end = stream->next_layer().socket().remote_endpoint(gone);
    const auto here = stream->next_layer().socket().local_endpoint(gone);
    const bool sameComputer = way != Way::Relayed && end.address() == here.address();
    stream->next_layer().detach();
    const std::lock_guard lock(mutex_);
    met_.push_back({pair.place.rank, pair.lane, way != Way::Called, way == Way::Relayed, sameComputer,
                    gone ? "" : end.address().to_string() + ':' + std::to_string(end.port()),
                    std::move(stream)});
    --missing_;
    missingWords_ = whoIsMissing();
    changed_.notify_all();
}

std::string WorldSetup::whoIsMissing() const {
    std::string all;
    for (const auto& pair : pairs_) {
        if (pair->met) continue;
        std::string one = nameOf(pair->place.rank, pair->place);
        if (!pair->trouble.empty()) one += ": " + pair->trouble;
        if (!pair->relayTrouble.empty()) one += "; by relay: " + pair->relayTrouble;
        if (all.find(one) != std::string::npos) continue;  // once for both lanes
        all += (all.empty() ? "" : ", ") + one;
        if (all.size() > 400) return all + " …";
    }
    return all;
}

std::vector<WorldSetup::Met> WorldSetup::await() {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, plan_.stop, deadline_, [&] { return missing_ == 0; });
    if (missing_ == 0) return std::move(met_);
    if (plan_.stop.stop_requested())
        throw CommError(CommError::Kind::Cancelled, "cancelled while the ranks were being connected");
    throw CommError(CommError::Kind::Deadline,
                    "rank " + std::to_string(plan_.rank.value) + " has no connection to " + missingWords_);
}

}  // namespace rondo::net
