#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "net/membership/host.h"

namespace rondo::net {

/// Carries messages between ranks that don't reach each other: pairs their relay connections and hands each
/// one's messages to the other, as they are. Each direction holds one message and a little more at most: a
/// rank that doesn't read holds the other up, by TCP.
///
/// Any thread; works on the io thread, which must outlive it.
class Relay {
  public:
    struct Options {
        std::chrono::steady_clock::duration patience = std::chrono::seconds(10);  ///< for the second one
        /// Of a member that has gone: after so long without a byte its connections are over too.
        std::chrono::steady_clock::duration silence = std::chrono::seconds(5);
        std::size_t ahead = std::size_t{4}
                            << 20;     ///< bytes that may wait for a rank before others may not send
        std::size_t mostLinks = 4096;  ///< waiting and whole ones
    };
    /// `tell`: to the control connection of who has that rank now; called on the io thread.
    using Tell = std::function<void(Rank, const Relayed&)>;
    Relay(IoThread& io, Options options, Tell tell);
    ~Relay();  ///< closes all; `tell` isn't called after it
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    /// What HostHandlers::relay brings.
    void take(RelayRequest request);
    /// What HostHandlers::memberGone brings. What it has sent is still handed on.
    void memberGone(MemberId member);

    struct Figures {
        std::size_t waiting = 0;  ///< connections without the other rank's
        std::size_t pairs = 0;
        std::size_t mostWaitingBytes = 0;  ///< for one rank, ever
    };
    Figures figures() const;

  private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

}  // namespace rondo::net
