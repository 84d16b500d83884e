#include "net/membership/host.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <mutex>
#include <utility>

#include "engine/core/overloaded.h"
#include "net/membership/authentication.h"
#include "net/membership/clock_estimate.h"
#include "net/membership/event_feed.h"
#include "net/membership/framed.h"
#include "net/membership/join_desk.h"
#include "net/ws/listener.h"
#include "net/ws/own_addresses.h"
#include "net/ws/url.h"

namespace rondo::net {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostBody = std::size_t{1} << 30;
/// Exchanges right after joining, one behind the other, so that the clock is known when a run begins.
constexpr std::size_t kFirstExchanges = 8;

std::int64_t steadyNow() {
    return std::chrono::duration_cast<Nanoseconds>(Clock::now().time_since_epoch()).count();
}

/// The part of a member that lasts as long as its connection. Io thread.
struct Session {
    std::shared_ptr<Connection> connection;
    ClockEstimate clock;
    std::uint32_t lastAsked = 0;
    std::optional<std::int64_t> askedAt;
};

struct Viewer {
    std::shared_ptr<Connection> connection;
    std::string name;
    ViewerFlow flow;
};

}  // namespace

struct Host::Inside : std::enable_shared_from_this<Inside> {
    Inside(IoThread& thread, HostOptions o, HostHandlers h)
        : io(thread),
          options(std::move(o)),
          handlers(std::move(h)),
          log([this](const std::string& line) {
              if (handlers.log && !over) handlers.log(line);
          }),
          beat(io.context()),
          feedTimer(io.context()) {}

    // Beginning and end.

    Result<HostPlace> start() {
        if (options.secure) identity.emplace();
        HostPlace place;
        place.code = options.code ? *options.code : makeJoinCode();
        if (identity) {
            place.fingerprint = identity->fingerprint();
            place.code.fingerprint = codeOfFingerprint(identity->fingerprint());
        }
        desk = std::make_unique<JoinDesk>(
            io, JoinDesk::Options{place.code, options.firstDelay, options.mostDelay}, log,
            [this](std::shared_ptr<Connection> connection, const Hello& hello, const Bytes32& proof) {
                enter(std::move(connection), hello, proof);
            });
        listener = std::make_unique<Listener>(io, log);
        ListenOptions listen;
        listen.address = options.address;
        listen.port = options.port;
        listen.identity = identity ? &*identity : nullptr;
        listen.handshake = options.handshake;
        listen.mostUntrusted = options.mostUntrusted;
        const auto port = listener->open(
            listen, [this](std::shared_ptr<Connection> connection) { desk->receive(connection); });
        if (!port) return port.problems();
        place.port = *port;
        nameAddresses(place);
        startedAt = place;
        nextBeat();
        return place;
    }

    void nameAddresses(HostPlace& place) const {
        std::vector<std::string> addresses;
        if (!options.advertise.empty())
            addresses = {options.advertise};
        else if (!options.address.empty() && options.address != "0.0.0.0" && options.address != "::")
            addresses = {options.address};
        else
            addresses = ownAddresses();
        if (addresses.empty()) addresses = {"127.0.0.1"};
        for (const std::string& address : addresses)
            place.others.push_back(textOf(Url{options.secure, address, place.port}));
        place.url = place.others.front();
        place.others.erase(place.others.begin());
        place.joinLine = rondo::net::joinLine(place.url, place.code);
    }

    void end() {
        if (over) return;
        feedViewers();  // how a run ended, above all
        over = true;
        beat.cancel();
        feedTimer.cancel();
        if (listener) listener->close();
        desk.reset();
        const auto [code, why] = dismissed ? std::pair(CloseCode::Normal, "the class is over")
                                           : std::pair(CloseCode::GoingAway, "the host has ended");
        for (auto& [id, session] : sessions) session.connection->close(code, why);
        for (auto& [id, viewer] : viewers) viewer.connection->close(code, why);
        {
            const std::lock_guard lock(mutex);
            connections.clear();
        }
        sessions.clear();
        viewers.clear();
        listener.reset();
    }

    // Joining.

    void enter(std::shared_ptr<Connection> connection, const Hello& hello, const Bytes32& proof) {
        switch (hello.role) {
            case Role::Worker:
                return enterWorker(std::move(connection), hello, proof);
            case Role::Viewer:
                return enterViewer(std::move(connection), hello, proof);
            case Role::Relay:
                return enterRelay(std::move(connection), hello, proof);
        }
    }

    void refuse(const std::shared_ptr<Connection>& connection, CloseCode code, const std::string& why) {
        log.say("refused", connection->remoteAddress() + ": refused, " + why);
        connection->setHandlers({});
        connection->send(Outgoing(toText(Refused{code, why})));
        connection->close(code, why);
    }

    void enterWorker(std::shared_ptr<Connection> connection, const Hello& hello, const Bytes32& proof) {
        if (sessions.size() >= options.mostMembers)
            return refuse(connection, CloseCode::Full,
                          "no more than " + std::to_string(options.mostMembers) + " workers are taken");
        MemberBook::Entered entered;
        if (hello.token) {
            // Its old connection may hang in a pulled cable: it is over now, and whatever ran on it too.
            std::optional<MemberId> known;
            {
                const std::lock_guard lock(mutex);
                known = book.ofToken(*hello.token);
            }
            if (known && sessions.count(*known))
                lose(*known, MemberState::Lost, CloseCode::Replaced, "has joined again");
        }
        MemberInfo info;
        {
            const std::lock_guard lock(mutex);
            entered = book.enter(hello.name, hello.token, connection->remoteAddress());
            connections[entered.member] = connection;
            book.find(entered.member)->reachedAt = connection->localAddress();
            info = *book.find(entered.member);
        }
        const MemberId id = entered.member;
        sessions[id].connection = connection;
        listener->trust(connection);
        connection->setLimits(limitsOfWorkers());
        connection->keepAlive(options.heartbeat, options.silence);
        Connection::Handlers own;
        own.text = [this, self = shared_from_this(), id](std::string_view text) {
            ofOne(id, [&] { heardText(id, text); });
        };
        own.drained = [this, self = shared_from_this(), id] {
            if (!over && handlers.drained) ofOne(id, [&] { handlers.drained(id); });
        };
        own.binary = [this, self = shared_from_this(), id](std::span<const std::byte> bytes) {
            ofOne(id, [&] { heardBinary(id, bytes); });
        };
        own.closed = [this, self = shared_from_this(), id, which = connection.get()](
                         const Connection::Closed& closed) { ended(id, which, closed); };
        connection->setHandlers(std::move(own));
        connection->send(Outgoing(toText(Welcome{proof, id, info.name, entered.token, options.software})));
        log.say("joined", info.address + ": " + info.name + (entered.returned ? " is back" : " has joined"));
        tell(info);
        askClock(id);
    }

    Connection::Limits limitsOfWorkers() const {
        return {kMostTextBytesAfter, mostMessage + FrameHeader::kBytes, options.memberOutbox};
    }

    void limitMessages(std::size_t bytes) {
        mostMessage = std::min(bytes, kMostBody);
        for (auto& [id, session] : sessions) session.connection->setLimits(limitsOfWorkers());
    }

    void enterViewer(std::shared_ptr<Connection> connection, const Hello& hello, const Bytes32& proof) {
        if (viewers.size() >= options.mostViewers)
            return refuse(connection, CloseCode::Full,
                          "no more than " + std::to_string(options.mostViewers) + " viewers are taken");
        const ViewerId id = nextViewer++;
        listener->trust(connection);
        // Room for what the flow lets out, and for what a run must tell however big.
        constexpr std::size_t kSpare = std::size_t{16} << 20;
        connection->setLimits(
            {kMostTextBytesBefore, 0, options.viewer.outbox + options.viewer.waiting + kSpare});
        connection->keepAlive(options.heartbeat, options.silence);
        const std::string name = tidyName(hello.name);
        viewers.emplace(id, Viewer{connection, name,
                                   ViewerFlow(options.viewer, [this, id, weak = std::weak_ptr(connection)](
                                                                  const EventMessage& message) {
                                       const auto there = weak.lock();
                                       if (there && there->send(Outgoing(message)) == Connection::Sent::Full)
                                           io.post([self = shared_from_this(), id] { self->tooSlow(id); });
                                   })});
        Connection::Handlers own;
        own.text = [this, self = shared_from_this(), id](std::string_view text) { heardViewer(id, text); };
        own.drained = [this, self = shared_from_this(), id] {
            if (const auto found = viewers.find(id); found != viewers.end())
                found->second.flow.flush(found->second.connection->waitingBytes());
        };
        own.closed = [this, self = shared_from_this(), id](const Connection::Closed& closed) {
            if (viewers.erase(id)) log.say("viewer", "a viewer is gone: " + closed.why);
        };
        connection->setHandlers(std::move(own));
        connection->send(Outgoing(toText(Welcome{proof, 0, name, std::nullopt, options.software})));
        log.say("viewer", connection->remoteAddress() + ": " + name + " watches");
        // First what has been published by now, to those who are here; then all that is known to the
        // newcomer.
        feedViewers();
        ViewerFlow& flow = viewers.at(id).flow;
        for (const EventMessage& message : feed->greeting()) flow.must(message, 0);
        if (handlers.viewerJoined) handlers.viewerJoined(id);
    }

    void enterRelay(std::shared_ptr<Connection> connection, const Hello& hello, const Bytes32& proof) {
        MemberInfo info;
        if (hello.token && hello.relay) {
            const std::lock_guard lock(mutex);
            if (const auto id = book.ofToken(*hello.token)) info = *book.find(*id);
            for (const OwnRank& own : ownRanks)
                if (same(own.token, *hello.token)) info = own.info;
        }
        if (!info.present() || info.member == 0 || info.rank.value < 0 || !handlers.relay)
            return refuse(connection, CloseCode::OutOfTurn, "a relay for nobody who is in a run here");
        listener->trust(connection);
        connection->setLimits({0, kMostBody + FrameHeader::kBytes, options.memberOutbox});
        // No heartbeat: a rank that computes answers nothing. It is there as long as its member is.
        connection->setHandlers({});
        connection->send(
            Outgoing(toText(Welcome{proof, info.member, info.name, std::nullopt, options.software})));
        handlers.relay({info.member, info.rank, *hello.relay, std::move(connection)});
    }

    RelayAccess relayFor(MemberId member, Rank rank) {
        // Where the host listens at all addresses, it does at this one.
        const std::string& listens = options.address;
        const bool all = listens.empty() || listens == "0.0.0.0" || listens == "::";
        RelayAccess access;
        access.host = {options.secure, all ? "127.0.0.1" : listens, startedAt.port};
        access.secret = startedAt.code.secret;
        access.certificate.whole = startedAt.fingerprint;
        const Secret32 random = randomSecret();
        std::copy_n(random.begin(), access.token.size(), access.token.begin());
        MemberInfo info;
        info.member = member;
        info.name = "the host";
        info.state = MemberState::Training;
        info.rank = rank;
        const std::lock_guard lock(mutex);
        std::erase_if(ownRanks, [&](const OwnRank& own) { return own.info.member == member; });
        ownRanks.push_back({access.token, std::move(info)});
        return access;
    }

    // What members say.

    /// What one member brings about ends that member at most, not the thread that all live on.
    template <class Work>
    void ofOne(MemberId id, Work work) {
        try {
            work();
        } catch (const std::exception& error) {
            lose(id, MemberState::Lost, CloseCode::Unreadable,
                 std::string("can't be taken in here: ") + error.what());
        }
    }

    void heardText(MemberId id, std::string_view text) {
        const auto arrived = steadyNow();
        if (over || !sessions.count(id)) return;
        const auto message = readControlMessage(text);
        if (!message) return lose(id, MemberState::Lost, CloseCode::Unreadable, message.error());
        std::visit(Overloaded{
                       [&](const Ready& ready) { readied(id, ready); },
                       [&](const Rename& wish) { rename(id, wish.name); },
                       [&](const Leave& leave) { left(id, leave.why); },
                       [&](const ClockAnswered& answer) { clockAnswered(id, answer, arrived); },
                       [&](const Want& want) {
                           if (handlers.wanted) handlers.wanted(id, want);
                       },
                       [&](const auto&) {
                           lose(id, MemberState::Lost, CloseCode::OutOfTurn,
                                "says " + std::string(nameOf(*message)) + ", which is no word of a worker");
                       },
                   },
                   *message);
    }

    void heardBinary(MemberId id, std::span<const std::byte> bytes) {
        if (over || !sessions.count(id)) return;
        const auto header = decodeFrameHeader(bytes);
        if (!header) return lose(id, MemberState::Lost, CloseCode::Unreadable, header.error());
        const auto body = bytes.subspan(FrameHeader::kBytes);
        if (header->kind != FrameHeader::Kind::RankMessage && header->kind != FrameHeader::Kind::Events)
            return lose(id, MemberState::Lost, CloseCode::OutOfTurn,
                        "sends what is neither a rank message nor events");
        if (header->payloadBytes != body.size())
            return lose(id, MemberState::Lost, CloseCode::Unreadable,
                        "a message not as long as its header says");
        if (handlers.binaryMessage) handlers.binaryMessage(id, *header, body);
    }

    void heardViewer(ViewerId id, std::string_view text) {
        const auto found = viewers.find(id);
        if (over || found == viewers.end()) return;
        Viewer& viewer = found->second;
        const auto message = readControlMessage(text, kMostTextBytesBefore);
        if (!message) return viewer.connection->close(CloseCode::Unreadable, message.error());
        if (const auto* credit = std::get_if<Credit>(&*message)) {
            viewer.flow.credit(credit->bytes);
            viewer.flow.flush(viewer.connection->waitingBytes());
        } else if (const auto* wish = std::get_if<Rename>(&*message)) {
            viewer.name = tidyName(wish->name);
            viewer.connection->send(Outgoing(toText(Rename{viewer.name})));
        } else if (std::holds_alternative<Leave>(*message)) {
            viewer.connection->close(CloseCode::Normal, "left");
        } else {
            viewer.connection->close(CloseCode::OutOfTurn,
                                     "a viewer can't say " + std::string(nameOf(*message)));
        }
    }

    void readied(MemberId id, const Ready& ready) {
        change(id, [&](MemberInfo& info) {
            info.cores = ready.cores;
            info.gflops = ready.gflops;
            info.peerPort = ready.peerPort;
            info.software = ready.software;
            if (info.state == MemberState::Joining) info.state = MemberState::Ready;
        });
    }

    void rename(MemberId id, const std::string& name) {
        std::optional<std::string> now;
        std::optional<MemberInfo> info;
        {
            const std::lock_guard lock(mutex);
            now = book.rename(id, name);
            if (now) info = *book.find(id);
        }
        if (!now) return;
        if (const auto session = sessions.find(id); session != sessions.end())
            session->second.connection->send(Outgoing(toText(Rename{*now})));
        tell(*info);
    }

    void left(MemberId id, const std::string& why) {
        lose(id, MemberState::Left, CloseCode::Normal, why.empty() ? "left" : why);
    }

    // Ends of members.

    void ended(MemberId id, const Connection* which, const Connection::Closed& closed) {
        const auto session = sessions.find(id);
        if (over || session == sessions.end() || session->second.connection.get() != which) return;
        const bool willing =
            closed.byPeer && (closed.code == CloseCode::Normal || closed.code == CloseCode::GoingAway);
        forget(id, willing ? MemberState::Left : MemberState::Lost, closed.why);
    }

    /// From this side. The connection says why, and is heard no more.
    void lose(MemberId id, MemberState state, CloseCode code, const std::string& why) {
        const auto session = sessions.find(id);
        if (session == sessions.end()) return;
        const auto connection = session->second.connection;
        forget(id, state, why);
        connection->setHandlers({});
        if (state == MemberState::Removed) connection->send(Outgoing(toText(Removed{why})));
        connection->close(code, why);
    }

    void forget(MemberId id, MemberState state, const std::string& why) {
        MemberInfo info;
        {
            const std::lock_guard lock(mutex);
            book.gone(id, state, why);
            connections.erase(id);
            info = *book.find(id);
        }
        sessions.erase(id);
        log.say("gone", info.name + ": " + std::string(nameOf(state)) + ", " + why);
        if (handlers.memberGone) handlers.memberGone(info);
        tell(info);
    }

    void tooSlow(ViewerId id) {
        const auto viewer = viewers.find(id);
        if (viewer == viewers.end()) return;
        viewer->second.connection->close(CloseCode::Overflow, "doesn't read what is sent to it");
    }

    // Roster and clocks.

    void change(MemberId id, const std::function<void(MemberInfo&)>& how) {
        MemberInfo info;
        {
            const std::lock_guard lock(mutex);
            MemberInfo* const known = book.find(id);
            if (!known) return;
            const MemberInfo before = *known;
            how(*known);
            if (*known == before) return;
            info = *known;
        }
        tell(info);
    }

    void tell(const MemberInfo& info) {
        rosterChanged = true;
        if (handlers.memberChanged && !over) handlers.memberChanged(info);
    }

    void askClock(MemberId id) {
        Session& session = sessions.at(id);
        // Behind a long message it would measure that message; a question on its way is enough.
        if (session.askedAt || (session.connection->waitingBytes() > 0 && session.clock.known())) return;
        ClockAsked ask;
        ask.id = ++session.lastAsked;
        if (session.clock.known())
            ask.told = ClockTold{session.clock.offset().count(), session.clock.uncertainty().count()};
        ask.t0 = steadyNow();
        session.askedAt = ask.t0;
        session.connection->send(Outgoing(toText(ask)));
    }

    void clockAnswered(MemberId id, const ClockAnswered& answer, std::int64_t arrived) {
        Session& session = sessions.at(id);
        if (!session.askedAt || answer.id != session.lastAsked || answer.t0 != *session.askedAt) return;
        session.askedAt.reset();
        const bool first = session.clock.exchanges() < kFirstExchanges;
        if (!session.clock.add({Nanoseconds{answer.t0}, Nanoseconds{answer.t1}, Nanoseconds{answer.t2},
                                Nanoseconds{arrived}}))
            return;
        if (first) askClock(id);
    }

    void nextBeat() {
        beat.expires_after(options.heartbeat);
        beat.async_wait([this, self = shared_from_this()](boost::system::error_code error) {
            if (error || over) return;
            onBeat();
            nextBeat();
        });
    }

    void onBeat() {
        for (auto& [id, session] : sessions) {
            askClock(id);
            if (!session.clock.known()) continue;
            change(id, [&clock = session.clock](MemberInfo& info) {
                info.clockKnown = true;
                info.roundTrip = clock.roundTrip();
                info.clockOffset = clock.offset();
                info.clockUncertainty = clock.uncertainty();
            });
        }
        if (!std::exchange(rosterChanged, false)) return;
        Roster roster;
        {
            const std::lock_guard lock(mutex);
            for (const auto& [id, info] : book.all())
                roster.members.push_back({id, info.name, info.state, info.rank, info.cores, info.gflops});
        }
        if (roster == lastRoster) return;
        lastRoster = roster;
        const Outgoing message(toText(roster));
        for (auto& [id, session] : sessions) session.connection->send(message);
    }

    // Viewers.

    /// Thirty times a second at most: a block packs better, and costs each viewer less, than an event does.
    void armFeed() {
        if (over || std::exchange(feedArmed, true)) return;
        feedTimer.expires_after(options.feedInterval);
        feedTimer.async_wait([this, self = shared_from_this()](boost::system::error_code error) {
            feedArmed = false;
            if (!error && !over) feedViewers();
        });
    }

    void feedViewers() {
        try {
            for (const auto& blocks : feed->take(!viewers.empty()))
                for (auto& [id, viewer] : viewers) {
                    viewer.flow.offer(blocks, viewer.connection->waitingBytes());
                    if (viewer.flow.tooSlow()) tooSlow(id);
                }
        } catch (const std::exception& error) {
            log.say("viewers", std::string("events didn't come to the viewers: ") + error.what());
        }
    }

    // Sending. Any thread.

    Connection::Sent send(MemberId id, Outgoing message) {
        std::shared_ptr<Connection> connection;
        {
            const std::lock_guard lock(mutex);
            const auto found = connections.find(id);
            if (found == connections.end()) return Connection::Sent::Closed;
            connection = found->second;
        }
        const auto sent = connection->send(std::move(message));
        if (sent == Connection::Sent::Full)
            io.post([self = shared_from_this(), id] {
                self->lose(id, MemberState::Lost, CloseCode::Overflow, "doesn't read what is sent to it");
            });
        return sent;
    }

    IoThread& io;
    const HostOptions options;
    const HostHandlers handlers;
    QuietLog log;
    std::optional<Identity> identity;
    std::unique_ptr<JoinDesk> desk;
    std::unique_ptr<Listener> listener;
    boost::asio::steady_timer beat;
    std::map<MemberId, Session> sessions;
    std::size_t mostMessage = kMostBody;  // of a worker
    std::map<ViewerId, Viewer> viewers;
    ViewerId nextViewer = 1;
    std::unique_ptr<EventFeed> feed;
    boost::asio::steady_timer feedTimer;
    bool feedArmed = false;
    Roster lastRoster;
    bool rosterChanged = false;
    bool dismissed = false;  // nobody need come back
    bool over = false;

    mutable std::mutex mutex;  ///< what other threads look at: the three below
    MemberBook book;
    std::map<MemberId, std::shared_ptr<Connection>> connections;
    /// Ranks of this process, which have no connection to it.
    struct OwnRank {
        Bytes16 token;
        MemberInfo info;
    };
    std::vector<OwnRank> ownRanks;

    HostPlace startedAt;  ///< constant since then
};

Host::Host(IoThread& io, HostOptions options, HostHandlers handlers)
    : inside_(std::make_shared<Inside>(io, std::move(options), std::move(handlers))) {
    inside_->feed =
        std::make_unique<EventFeed>(inside_->options.viewersGetSamples, [weak = std::weak_ptr(inside_)] {
            const auto in = weak.lock();
            if (in) in->io.post([in] { in->armFeed(); });
        });
}

Host::~Host() {
    inside_->io.perform([this] { inside_->end(); });
}

void Host::dismiss() {
    inside_->io.perform([this] { inside_->dismissed = true; });
}

Result<HostPlace> Host::start() {
    std::optional<Result<HostPlace>> place;
    inside_->io.perform([&] { place.emplace(inside_->start()); });
    return std::move(*place);
}

std::vector<MemberInfo> Host::roster() const {
    const std::lock_guard lock(inside_->mutex);
    std::vector<MemberInfo> all;
    for (const auto& [id, info] : inside_->book.all()) all.push_back(info);
    return all;
}

HostFigures Host::figures() const {
    HostFigures figures;
    inside_->io.perform([&] {
        const Inside& in = *inside_;
        if (!in.listener) return;
        figures.untrusted = in.listener->untrusted();
        figures.mostUntrusted = in.listener->mostUntrusted();
        figures.accepted = in.listener->accepted();
        figures.refused = in.desk->refused();
        figures.members = in.sessions.size();
        figures.viewers = in.viewers.size();
        for (const auto& [id, session] : in.sessions)
            figures.waitingBytes += session.connection->waitingBytes();
        for (const auto& [id, viewer] : in.viewers) figures.waitingBytes += viewer.connection->waitingBytes();
        figures.logLinesLeftOut = in.log.leftOut();
    });
    return figures;
}

Connection::Sent Host::send(MemberId member, Outgoing message) {
    return inside_->send(member, std::move(message));
}

Connection::Sent Host::send(MemberId member, const FrameHeader& header, std::span<const std::byte> body) {
    return send(member, framed(header, body));
}

Connection::Sent Host::send(MemberId member, const ControlMessage& message) {
    return send(member, Outgoing(toText(message)));
}

void Host::limitMessages(std::size_t bytes) {
    inside_->io.post([in = inside_, bytes] { in->limitMessages(bytes); });
}

void Host::setRank(MemberId member, std::optional<Rank> rank, std::string detail) {
    inside_->io.post([in = inside_, member, rank, detail = std::move(detail)] {
        in->change(member, [&](MemberInfo& info) {
            if (!info.present()) return;
            info.rank = rank.value_or(Rank{kNone});
            if (rank)
                info.state = MemberState::Training;
            else if (info.state == MemberState::Training)
                info.state = MemberState::Ready;
            info.detail = detail;
        });
    });
}

void Host::rename(MemberId member, std::string name) {
    inside_->io.post([in = inside_, member, name = std::move(name)] { in->rename(member, name); });
}

void Host::remove(MemberId member, std::string why) {
    inside_->io.post([in = inside_, member, why = std::move(why)] {
        in->lose(member, MemberState::Removed, CloseCode::Removed, why);
    });
}

RelayAccess Host::relayFor(MemberId member, Rank rank) {
    return inside_->relayFor(member, rank);
}

bool Host::secure() const {
    return inside_->options.secure;
}

EventSink& Host::viewers() {
    return *inside_->feed;
}

}  // namespace rondo::net
