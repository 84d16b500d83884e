#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/events/event_sink.h"
#include "net/membership/join_code.h"
#include "net/membership/member_book.h"
#include "net/membership/relay_access.h"
#include "net/membership/viewer_flow.h"
#include "net/wire/control_message.h"
#include "net/wire/frame.h"
#include "net/ws/connection.h"
#include "net/ws/io_thread.h"

namespace rondo::net {

struct HostOptions {
    std::string address;             ///< to listen at; empty: all interfaces
    std::uint16_t port = 0;          ///< 0: any free one
    bool secure = false;             ///< wss, with a certificate of its own
    std::optional<JoinCode> code;    ///< none: a random one
    std::string advertise;           ///< the address that the join line names; empty: found out
    std::string software = "rondo";  ///< told to members
    std::size_t mostMembers = 1024, mostViewers = 1024;
    std::size_t memberOutbox = std::size_t{2} << 30;  ///< bytes that may wait for one worker
    ViewerFlow::Limits viewer;
    bool viewersGetSamples = true;  ///< spans and messages of steps too, which cost a run a little

    /// Deadlines, all of which tests make short.
    std::chrono::steady_clock::duration handshake = std::chrono::seconds(5),
                                        heartbeat = std::chrono::seconds(1),
                                        silence = std::chrono::seconds(5),
                                        firstDelay = std::chrono::seconds(1),
                                        mostDelay = std::chrono::seconds(8);
    std::chrono::steady_clock::duration feedInterval =
        std::chrono::milliseconds(33);  ///< of events to viewers
    std::size_t mostUntrusted = 256;
};

/// Where a host is to be reached.
struct HostPlace {
    std::uint16_t port = 0;
    JoinCode code;
    std::string url;                  ///< ws://192.168.1.20:7077
    std::vector<std::string> others;  ///< further addresses of this machine, as URLs
    std::string joinLine;             ///< rondo-cli worker --join … --code …
    std::optional<Fingerprint> fingerprint;
};

/// A worker's second connection, for messages to a rank that it can't reach.
struct RelayRequest {
    MemberId member = 0;
    Rank rank;  ///< of the member in the present run
    RelayPart part;
    std::shared_ptr<Connection> connection;  ///< with no handlers yet and the limits of data messages
};

/// What strangers and members cost just now; for tests and a status line.
struct HostFigures {
    std::size_t untrusted = 0, mostUntrusted = 0;
    std::uint64_t accepted = 0, refused = 0;
    std::size_t members = 0, viewers = 0;
    std::size_t waitingBytes = 0;  ///< in all outboxes
    std::uint64_t logLinesLeftOut = 0;
};

/// All of them are called on the io thread and must not block it.
struct HostHandlers {
    /// Joined, ready, renamed, measured anew, gone: whenever something in it is different.
    std::function<void(const MemberInfo&)> memberChanged;
    /// It was here and isn't any more, whatever the reason (state and detail say it). Called before it may
    /// return.
    std::function<void(const MemberInfo&)> memberGone;
    /// Rank messages, and events of its rank. The body is valid during the call.
    std::function<void(MemberId, const FrameHeader&, std::span<const std::byte>)> binaryMessage;
    std::function<void(MemberId, const Want&)> wanted;
    /// All that was sent to it has left: a moment for more of what is too much to send at once.
    std::function<void(MemberId)> drained;
    std::function<void(RelayRequest)> relay;
    /// A viewer watches from now on.
    std::function<void(ViewerId)> viewerJoined;
    std::function<void(const std::string&)> log;
};

/// The side of the person at the front: listens, keeps the roster, carries messages. Its methods may be
/// called from any thread. It goes on living with the io thread, which must outlive it.
class Host {
  public:
    Host(IoThread& io, HostOptions options, HostHandlers handlers);
    /// Everybody is told that the host has ended. After it no handler is called.
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    /// When it ends the class is over: nobody need dial again.
    void dismiss();

    /// Begins to listen. Once.
    Result<HostPlace> start();

    std::vector<MemberInfo> roster() const;  ///< by number; those that are gone too
    HostFigures figures() const;

    /// Binary: header and body as they travel. Full: more waits for it than its outbox holds; it is lost
    /// then.
    Connection::Sent send(MemberId member, Outgoing message);
    Connection::Sent send(MemberId member, const FrameHeader& header, std::span<const std::byte> body);
    Connection::Sent send(MemberId member, const ControlMessage& message);

    /// Workers may send messages of so many bytes at most; who sends a longer one is lost before it is in
    /// memory. Until then a gigabyte.
    void limitMessages(std::size_t bytes);

    /// What it does in the run: Training under a rank, or Ready again with none. `detail` is for people.
    void setRank(MemberId member, std::optional<Rank> rank, std::string detail = {});
    void rename(MemberId member, std::string name);
    void remove(MemberId member, std::string why);  ///< sends it away; its token is good no more

    /// How a rank of this very process gets at the relay. `member`: a number that no worker has; what it had
    /// before is good no more. Once the host has started.
    RelayAccess relayFor(MemberId member, Rank rank);
    bool secure() const;

    /// What is published here goes to all viewers, each by its credit; who comes later gets what is known so
    /// far. Stays good until the host is gone.
    EventSink& viewers();

  private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

}  // namespace rondo::net
