#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/data/connect_world.h"
#include "net/data/peer_door.h"

namespace rondo::net {

/// The meeting of one rank with all others of its world: calls, is called, and has for each pair and lane one
/// connection in the end. Of each pair the side that dials decides which one, so both keep the same.
///
/// Thread: the listener's, but for `await`.
class WorldSetup final : public Expecting, public std::enable_shared_from_this<WorldSetup> {
  public:
    /// `secure`: calls of this side are encrypted, as those that come in are.
    WorldSetup(asio::io_context& context, const WorldPlan& plan, bool secure);
    void begin();
    /// Ends all attempts.
    void abandon();

    struct Met {
        Rank peer;
        Lane lane;
        bool dialled = false, relayed = false;
        bool sameComputer = false;  ///< as the addresses of both ends have it
        std::string address;
        std::unique_ptr<PeerStream> stream;  ///< detached
    };
    /// Any thread. Waits for everybody; throws CommError.
    std::vector<Met> await();

    std::optional<Secret32> keyOf(const PeerHello& hello) const override;
    bool reserve(const PeerHello& hello) override;
    void taken(const PeerHello& hello, std::unique_ptr<PeerStream> stream) override;
    void lost(const PeerHello& hello) override;

  private:
    struct Pair {
        PeerPlace place;
        Lane lane = Lane::Compute;
        Secret32 key{};
        bool reserved = false;  ///< a connection is about to be used
        bool met = false;
        PeerStream* calling = nullptr;
        asio::steady_timer* pausing = nullptr;
        PeerStream* relaying = nullptr;
        asio::steady_timer* untilRelay = nullptr;
        bool answered = false;     ///< the present call has come through, to a rank that isn't ready, perhaps
        std::string trouble;       ///< why the last call didn't come about
        std::string relayTrouble;  ///< the same of the relay
    };
    using Time = std::chrono::steady_clock::time_point;

    asio::awaitable<void> dial(Pair& pair, Time from);
    asio::awaitable<void> dialOnce(Pair& pair);
    asio::awaitable<void> relay(Pair& pair, Time from);
    asio::awaitable<void> relayOnce(Pair& pair);
    static void stopCalling(Pair& pair);
    enum class Way { Called, Dialled, Relayed };
    void keep(Pair& pair, Way way, std::unique_ptr<PeerStream> stream);
    Pair* find(Rank peer, Lane lane);
    std::string whoIsMissing() const;

    asio::io_context& context_;
    const WorldPlan plan_;
    std::optional<asio::ssl::context> tls_;
    const Time deadline_;
    std::vector<std::unique_ptr<Pair>> pairs_;
    bool over_ = false;

    std::mutex mutex_;  // for what follows
    std::condition_variable_any changed_;
    std::vector<Met> met_;
    std::size_t missing_ = 0;
    std::string missingWords_;
};

}  // namespace rondo::net
