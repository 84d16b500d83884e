#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/core/clock.h"
#include "net/membership/join_code.h"
#include "net/wire/control_message.h"
#include "net/wire/frame.h"
#include "net/ws/connection.h"
#include "net/ws/io_thread.h"
#include "net/ws/url.h"

namespace rondo::net {

struct MemberOptions {
    Url url;
    JoinCode code;
    std::optional<Fingerprint> fingerprint;  ///< of a wss host, if not in the code
    Role role = Role::Worker;                ///< or Viewer
    std::string name;
    std::optional<Bytes16> token;  ///< of the last time, to be the same member again
    std::string software = "rondo";
    std::size_t outbox = std::size_t{2} << 30;  ///< bytes that may wait for the host
    /// Of a viewer: bytes of events that may be on their way to it. 0: it gives credit itself, by Credit
    /// messages.
    std::int64_t credit = 1 << 20;

    std::chrono::steady_clock::duration joinWithin =
                                            std::chrono::seconds(20),  ///< a wrong code waits for up to 8 s
        heartbeat = std::chrono::seconds(1), silence = std::chrono::seconds(5);
};

/// How it ended.
struct MemberEnd {
    CloseCode code = CloseCode::Normal;
    std::string why;        ///< in words
    bool joined = false;    ///< false: refused, or never got there
    bool mayRetry = false;  ///< dialling again, with the token, makes sense
};

/// All of them are called on the io thread and must not block it.
struct MemberHandlers {
    std::function<void(const Welcome&)> joined;
    /// Rank messages, events and blobs. The body is valid during the call.
    std::function<void(const FrameHeader&, std::span<const std::byte>)> binaryMessage;
    /// Roster, Rename, Relayed, BlobComes, NoBlob.
    std::function<void(const ControlMessage&)> controlMessage;
    std::function<void(const MemberEnd&)> closed;  ///< once; no other handler after it
};

/// The worker's end of a control connection, and a viewer's. One object is one connection: who wants to come
/// back makes another, with the token. Its methods may be called from any thread.
class Member {
  public:
    /// Begins to dial.
    Member(IoThread& io, MemberOptions options, MemberHandlers handlers);
    ~Member();  ///< leaves; after it no handler is called
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    /// Full: the host doesn't read; the connection is over then.
    Connection::Sent send(Outgoing message);
    Connection::Sent send(const FrameHeader& header, std::span<const std::byte> body);
    Connection::Sent send(const ControlMessage& message);
    void leave(std::string why);
    std::size_t waitingBytes() const;  ///< for the host to take

    /// Of this machine's steady clock, less the host's; none until the host has told. Costs two loads.
    struct HostClock {
        Nanoseconds offset{0}, uncertainty{0};
    };
    std::optional<HostClock> clock() const;

    /// The address of this machine that the host sees; empty before it is joined.
    std::string localAddress() const;

  private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

}  // namespace rondo::net
