#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rondo::net {

class PeerDoor;
class IoThread;

/// Where the data connections of a process come in: open before any world is known, so that its port can be
/// told. Who calls must prove, in time, the key of a world this process takes part in; everybody else is
/// closed and counted. A caller that is here before connectWorld waits for it, up to its deadline.
///
/// Thread: any. Has one of its own, which sleeps unless connections are being set up; those that are, belong
/// to their lanes.
class PeerListener {
  public:
    struct Options {
        std::string address;                          ///< empty: every address of this computer
        std::uint16_t port = 0;                       ///< 0: any that is free
        bool secure = false;                          ///< TLS for who calls, and for calls from here
        std::chrono::milliseconds deadline{5'000};    ///< from connection to proof
        std::size_t mostUnproven = 256;               ///< beyond it the oldest is dropped
        std::function<void(const std::string&)> log;  ///< why somebody was refused; on the listener's thread
    };
    /// Throws std::runtime_error when the port is taken.
    explicit PeerListener(Options options);
    PeerListener() : PeerListener(Options{}) {}
    ~PeerListener();
    PeerListener(const PeerListener&) = delete;
    PeerListener& operator=(const PeerListener&) = delete;

    std::uint16_t port() const;
    struct Counts {
        std::uint64_t called = 0;   ///< connections that came in
        std::uint64_t refused = 0;  ///< of them: no proof, in time or at all
        std::size_t unproven = 0;   ///< now
    };
    Counts counts() const;

    // For connectWorld.
    const std::shared_ptr<PeerDoor>& door() const { return door_; }
    const std::shared_ptr<IoThread>& thread() const { return thread_; }

  private:
    std::shared_ptr<IoThread> thread_;
    std::shared_ptr<PeerDoor> door_;
};

}  // namespace rondo::net
