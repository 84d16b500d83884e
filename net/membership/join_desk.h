#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "net/membership/join_code.h"
#include "net/membership/wrong_tries.h"
#include "net/wire/control_message.h"
#include "net/ws/connection.h"
#include "net/ws/io_thread.h"
#include "net/ws/quiet_log.h"

namespace rondo::net {

/// Where strangers prove that they know the code (PROTOCOL.md, "Joining"): says nothing but a challenge
/// before they have, lets the wrong ones wait, and hands on the right ones at once. On the io thread.
class JoinDesk {
  public:
    struct Options {
        JoinCode code;
        WrongTries::Clock::duration firstDelay = std::chrono::seconds(1), mostDelay = std::chrono::seconds(8);
    };
    /// Who has proved itself; `proof` is the host's own, for its welcome. The connection still has the limits
    /// and handlers of a stranger.
    using Passed = std::function<void(std::shared_ptr<Connection>, const Hello&, const Bytes32& proof)>;

    JoinDesk(IoThread& io, const Options& options, QuietLog& log, Passed passed);
    ~JoinDesk();

    void receive(const std::shared_ptr<Connection>& connection);
    std::uint64_t refused() const;

  private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

}  // namespace rondo::net
