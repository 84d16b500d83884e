#include "net/membership/member.h"

#include <atomic>
#include <mutex>
#include <utility>

#include "engine/core/overloaded.h"
#include "net/membership/authentication.h"
#include "net/membership/framed.h"
#include "net/ws/dialer.h"

namespace rondo::net {

namespace {

constexpr std::size_t kMostBody = std::size_t{1} << 30;

std::int64_t steadyNow() {
    return std::chrono::duration_cast<Nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

bool worthRetrying(const Connection::Closed& closed) {
    switch (closed.code) {
        case CloseCode::GoingAway:
        case CloseCode::TooSlow:
        case CloseCode::Overflow:
        case CloseCode::Full:
            return true;
        default:
            return closed.broken;
    }
}

}  // namespace

struct Member::Inside : std::enable_shared_from_this<Inside> {
    Inside(IoThread& thread, MemberOptions o, MemberHandlers h)
        : io(thread), options(std::move(o)), handlers(std::move(h)) {}

    void begin() {
        if (over) return;
        ExpectedCertificate certificate{options.fingerprint, options.code.fingerprint};
        if (options.url.secure && certificate.empty())
            return refused(CloseCode::WrongProof,
                           "an encrypted host's code is longer, K7M-Q2X-ABCDE-FGHJK: that, or its "
                           "fingerprint, is needed");
        if (!options.url.secure && !certificate.empty())
            return refused(CloseCode::WrongProof,
                           "the code is an encrypted host's, whose address begins with wss://");
        Connection::Handlers own;
        own.text = [self = shared_from_this()](std::string_view text) { self->heardText(text); };
        own.binary = [self = shared_from_this()](std::span<const std::byte> bytes) {
            self->heardBinary(bytes);
        };
        own.closed = [self = shared_from_this()](const Connection::Closed& closed) { self->ended(closed); };
        own.opened = [self = shared_from_this()] {
            // From here on the host answers at its leisure: a wrong code has to wait for its answer.
            self->connection->setDeadline(self->options.joinWithin, CloseCode::TooSlow,
                                          "no answer from the host");
        };
        const DialOptions where{options.url, std::move(certificate), options.joinWithin};
        auto made = dial(io, where, std::move(own), {kMostTextBytesBefore, 0, options.outbox});
        const std::lock_guard lock(mutex);
        connection = std::move(made);
    }

    // Joining.

    void heardText(std::string_view text) {
        const auto arrived = steadyNow();
        const auto message = readControlMessage(text, joined ? kMostTextBytesAfter : kMostTextBytesBefore);
        if (!message) return close(CloseCode::Unreadable, message.error());
        if (!joined) {
            std::visit(Overloaded{
                           [&](const Challenge& challenge) { answer(challenge); },
                           [&](const Welcome& welcome) { welcomed(welcome); },
                           [&](const Refused& refusal) { refused(refusal.code, refusal.why); },
                           [&](const auto&) { close(CloseCode::OutOfTurn, outOfTurn(*message)); },
                       },
                       *message);
            return;
        }
        std::visit(Overloaded{
                       [&](const ClockAsked& question) { tellClock(question, arrived); },
                       [&](const Removed& removed) {
                           finish({CloseCode::Removed, removed.why, true, false});
                           drop();
                       },
                       [&](const Roster&) { pass(*message); },
                       [&](const Rename&) { pass(*message); },
                       [&](const Relayed&) { pass(*message); },
                       [&](const BlobComes&) { pass(*message); },
                       [&](const NoBlob&) { pass(*message); },
                       [&](const auto&) { close(CloseCode::OutOfTurn, outOfTurn(*message)); },
                   },
                   *message);
    }

    static std::string outOfTurn(const ControlMessage& message) {
        return "the host says " + std::string(nameOf(message)) + " where it has no place";
    }

    void pass(const ControlMessage& message) {
        if (handlers.controlMessage && !over) handlers.controlMessage(message);
    }

    void answer(const Challenge& challenge) {
        if (challenge.version != kProtocolVersion)
            return close(CloseCode::Version, "the host speaks version " + std::to_string(challenge.version) +
                                                 " of the protocol, this program " +
                                                 std::to_string(kProtocolVersion));
        if (challenge.iterations > kMostIterations)
            return close(CloseCode::OutOfTurn, "the host asks for more work than any host needs to");
        if (asked) return close(CloseCode::OutOfTurn, "the host asks twice");
        asked = true;
        key = keyOfCode(options.code.secret, challenge.salt, challenge.iterations);
        handshake = {challenge.nonce, randomSecret(), nameOf(options.role), connection->fingerprint()};
        Hello hello;
        hello.role = options.role;
        hello.name = tidyName(options.name);
        hello.nonce = handshake.clientNonce;
        hello.proof = proofOfClient(key, handshake);
        if (options.role != Role::Viewer) hello.token = options.token;
        connection->send(Outgoing(toText(hello)));
    }

    void welcomed(const Welcome& welcome) {
        if (!asked) return close(CloseCode::OutOfTurn, "the host welcomes before it asks");
        if (!same(welcome.proof, proofOfHost(key, handshake)))
            return close(CloseCode::WrongProof,
                         "what answers doesn't know the code itself: not the host you look for");
        joined = true;
        connection->clearDeadline();
        connection->setLimits({kMostTextBytesAfter, kMostBody + FrameHeader::kBytes, options.outbox});
        connection->keepAlive(options.heartbeat, options.silence);
        if (options.role == Role::Viewer && options.credit > 0) give(options.credit);
        if (handlers.joined && !over) handlers.joined(welcome);
    }

    // Joined.

    void heardBinary(std::span<const std::byte> bytes) {
        const auto header = decodeFrameHeader(bytes);
        if (!header) return close(CloseCode::Unreadable, header.error());
        const auto body = bytes.subspan(FrameHeader::kBytes);
        const bool fits = header->kind == FrameHeader::Kind::Events
                              ? options.role == Role::Viewer
                              : header->kind != FrameHeader::Kind::Data && options.role == Role::Worker;
        if (!fits) return close(CloseCode::OutOfTurn, "the host sends bytes that have no place here");
        if (header->payloadBytes != body.size())
            return close(CloseCode::Unreadable, "a message not as long as its header says");
        if (handlers.binaryMessage && !over) handlers.binaryMessage(*header, body);
        if (options.role != Role::Viewer || options.credit == 0 || over) return;
        taken += static_cast<std::int64_t>(body.size());
        // In portions, or every small message would be answered by one of ours.
        if (taken >= options.credit / 4) give(std::exchange(taken, 0));
    }

    void give(std::int64_t bytes) { connection->send(Outgoing(toText(Credit{bytes}))); }

    void tellClock(const ClockAsked& question, std::int64_t arrived) {
        if (question.told) {
            offset.store(question.told->offset, std::memory_order_relaxed);
            uncertainty.store(question.told->uncertainty, std::memory_order_release);
        }
        connection->send(Outgoing(toText(ClockAnswered{question.id, question.t0, arrived, steadyNow()})));
    }

    // Ends.

    void refused(CloseCode code, const std::string& why) {
        finish({code, why, false, code == CloseCode::Full});
        drop();
    }

    /// From this side.
    void close(CloseCode code, const std::string& why) {
        finish({code, why, joined, false});
        if (connection) connection->close(code, why);
    }

    void ended(const Connection::Closed& closed) {
        finish({closed.code, closed.why, joined, worthRetrying(closed)});
    }

    void drop() {
        if (connection) connection->close(CloseCode::Normal, "");
    }

    void leave(const std::string& why) {
        if (over) return;
        finish({CloseCode::Normal, why.empty() ? "left" : why, joined, false});
        if (!connection) return;
        if (joined) connection->send(Outgoing(toText(Leave{why})));
        connection->close(CloseCode::Normal, why);
    }

    void finish(const MemberEnd& end) {
        if (std::exchange(over, true)) return;
        if (connection) connection->setHandlers({});
        if (!silent && handlers.closed)
            io.post([self = shared_from_this(), end] {
                if (!self->silent) self->handlers.closed(end);
            });
    }

    std::size_t waitingBytes() {
        const std::lock_guard lock(mutex);
        return connection ? connection->waitingBytes() : 0;
    }

    Connection::Sent send(Outgoing message) {
        std::shared_ptr<Connection> there;
        {
            const std::lock_guard lock(mutex);
            there = connection;
        }
        if (!there) return Connection::Sent::Closed;
        const auto sent = there->send(std::move(message));
        if (sent == Connection::Sent::Full)
            io.post([self = shared_from_this()] {
                self->finish(
                    {CloseCode::Overflow, "the host doesn't read what is sent to it", self->joined, true});
                self->connection->close(CloseCode::Overflow, "the host doesn't read");
            });
        return sent;
    }

    IoThread& io;
    const MemberOptions options;
    const MemberHandlers handlers;
    mutable std::mutex mutex;  ///< guards the pointer; what it points to is the io thread's but for send
    std::shared_ptr<Connection> connection;
    Bytes32 key{};
    Handshake handshake;
    bool asked = false, joined = false, over = false, silent = false;
    std::int64_t taken = 0;
    std::atomic<std::int64_t> offset{0}, uncertainty{-1};
};

Member::Member(IoThread& io, MemberOptions options, MemberHandlers handlers)
    : inside_(std::make_shared<Inside>(io, std::move(options), std::move(handlers))) {
    io.post([in = inside_] { in->begin(); });
}

Member::~Member() {
    inside_->io.perform([this] {
        inside_->silent = true;
        inside_->leave("");
    });
}

Connection::Sent Member::send(Outgoing message) {
    return inside_->send(std::move(message));
}

Connection::Sent Member::send(const FrameHeader& header, std::span<const std::byte> body) {
    return send(framed(header, body));
}

Connection::Sent Member::send(const ControlMessage& message) {
    return send(Outgoing(toText(message)));
}

std::size_t Member::waitingBytes() const {
    return inside_->waitingBytes();
}

void Member::leave(std::string why) {
    inside_->io.post([in = inside_, why = std::move(why)] { in->leave(why); });
}

std::optional<Member::HostClock> Member::clock() const {
    const auto uncertainty = inside_->uncertainty.load(std::memory_order_acquire);
    if (uncertainty < 0) return std::nullopt;
    return HostClock{Nanoseconds{inside_->offset.load(std::memory_order_relaxed)}, Nanoseconds{uncertainty}};
}

std::string Member::localAddress() const {
    std::string address;
    inside_->io.perform([&] {
        if (inside_->connection) address = inside_->connection->localAddress();
    });
    return address;
}

}  // namespace rondo::net
