#include "net/membership/relay.h"

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace rondo::net {

namespace {

constexpr std::size_t kMostMessage = (std::size_t{1} << 30) + FrameHeader::kBytes;

/// One of the two connections.
struct End {
    MemberId member = 0;
    std::shared_ptr<Connection> connection;
    std::optional<Connection::Closed> over;  ///< it has closed; the other is told when it has all
};

/// Whom a message must be of and for.
std::string complaint(const FrameHeader& header, const RelayPart& part, Rank from) {
    if (header.kind != FrameHeader::Kind::Data) return "a message that isn't data";
    if (header.generation != part.generation) return "a message of another world";
    if (header.communicationLane != (part.lane == Lane::Communication)) return "a message of another lane";
    if (header.from != from.value) return "a message of rank " + std::to_string(header.from);
    if (header.to != part.peer.value) return "a message for rank " + std::to_string(header.to);
    return {};
}

}  // namespace

struct Relay::Inside : std::enable_shared_from_this<Inside> {
    Inside(IoThread& thread, Options o, Tell t) : io(thread), options(o), tell(std::move(t)) {}

    /// Generation, lower rank, higher rank, lane.
    using Key = std::tuple<std::uint32_t, std::int32_t, std::int32_t, Lane>;
    struct Link {
        Link(Key k, IoThread& io) : key(k), timer(io.context()) {}
        const Key key;
        std::array<std::optional<End>, 2> ends;  ///< of the lower rank, of the higher
        boost::asio::steady_timer timer;         ///< for the second one
        bool whole() const { return ends[0] && ends[1]; }
        Rank rank(std::size_t which) const { return Rank{which == 0 ? std::get<1>(key) : std::get<2>(key)}; }
        RelayPart part(std::size_t which) const {
            return {std::get<0>(key), rank(1 - which), std::get<3>(key)};
        }
    };
    using LinkPtr = std::shared_ptr<Link>;

    // Meeting.

    void take(RelayRequest request) {
        if (over) return request.connection->close(CloseCode::GoingAway, "the host has ended");
        if (request.part.peer == request.rank || request.part.peer.value < 0)
            return request.connection->close(CloseCode::OutOfTurn, "a relay needs another rank");
        const auto [low, high] = std::minmax(request.rank.value, request.part.peer.value);
        const Key key{request.part.generation, low, high, request.part.lane};
        const std::size_t which = request.rank.value == low ? 0 : 1;
        // Who comes again has lost the connection it had, whether we know of it or not.
        if (const auto known = links.find(key); known != links.end() && known->second->ends[which]) {
            const LinkPtr old = known->second;
            forget(old);
            old->ends[which]->connection->close(CloseCode::Replaced, "its rank has opened another relay");
        }
        if (!links.count(key) && links.size() >= options.mostLinks)
            return request.connection->close(CloseCode::Full, "too many relays");
        LinkPtr& there = links[key];
        if (!there) there = std::make_shared<Link>(key, io);
        const LinkPtr link = there;
        link->ends[which] = End{request.member, request.connection, std::nullopt};
        // Not paused until the other is there, or its end would go unnoticed; but nothing is taken from it.
        request.connection->setLimits({0, 0, kMostMessage + options.ahead});
        Connection::Handlers handlers;
        handlers.binary = [self = shared_from_this(), link, which](std::span<const std::byte> bytes) {
            self->carry(link, which, bytes);
        };
        handlers.drained = [self = shared_from_this(), link, which] { self->drained(link, which); };
        handlers.closed = [self = shared_from_this(), link, which](const Connection::Closed& closed) {
            self->closed(link, which, closed);
        };
        request.connection->setHandlers(std::move(handlers));
        if (link->whole()) return begin(*link);
        waitForOther(link, which);
        if (tell) tell(request.part.peer, Relayed{request.part.generation, request.rank, request.part.lane});
    }

    void waitForOther(const LinkPtr& link, std::size_t which) {
        link->timer.expires_after(options.patience);
        link->timer.async_wait([self = shared_from_this(), link, which](boost::system::error_code error) {
            if (error || link->whole() || !link->ends[which]) return;
            self->forget(link);
            link->ends[which]->connection->close(
                CloseCode::NotReachable,
                "rank " + std::to_string(link->rank(1 - which).value) + " hasn't come to the relay");
        });
    }

    void begin(Link& link) {
        link.timer.cancel();
        for (std::size_t which = 0; which < 2; ++which) {
            const RelayPart part = link.part(which);
            Connection& connection = *link.ends[which]->connection;
            connection.setLimits({0, kMostMessage, kMostMessage + options.ahead});
            connection.send(Outgoing(toText(Relayed{part.generation, part.peer, part.lane})));
        }
    }

    // Carrying.

    void carry(const LinkPtr& link, std::size_t which, std::span<const std::byte> bytes) {
        Connection& from = *link->ends[which]->connection;
        if (!link->whole()) return from.close(CloseCode::OutOfTurn, "a message before the other is there");
        const auto frame = readFrame(bytes);
        if (!frame) return from.close(CloseCode::Unreadable, frame.error());
        const std::string bad = complaint(frame->header, link->part(which), link->rank(which));
        if (!bad.empty()) return from.close(CloseCode::OutOfTurn, bad);
        End& to = *link->ends[1 - which];
        if (to.over) return;
        to.connection->send(Outgoing(std::vector<std::byte>(bytes.begin(), bytes.end())));
        mostWaiting = std::max(mostWaiting, to.connection->waitingBytes());
        if (to.connection->waitingBytes() > options.ahead) from.pause();
    }

    void drained(const LinkPtr& link, std::size_t which) {
        if (!link->whole()) return;
        End& other = *link->ends[1 - which];
        if (other.over)
            link->ends[which]->connection->close(other.over->code, other.over->why);
        else
            other.connection->resume();
    }

    // Ends.

    void closed(const LinkPtr& link, std::size_t which, const Connection::Closed& closed) {
        forget(link);
        if (!link->ends[which] || !link->whole()) return;
        link->ends[which]->over = closed;
        End& other = *link->ends[1 - which];
        if (other.over) return;
        // What came before is still good: the other is told behind it.
        if (other.connection->waitingBytes() == 0) return other.connection->close(closed.code, closed.why);
        other.connection->resume();  // so that its own end is noticed
    }

    void forget(LinkPtr link) {
        link->timer.cancel();
        if (const auto known = links.find(link->key); known != links.end() && known->second == link) {
            links.erase(known);
            leaving.push_back(link);
        }
        std::erase_if(leaving, [](const std::weak_ptr<Link>& one) { return one.expired(); });
    }

    void memberGone(MemberId member) {
        const auto watch = [&](Link& link) {
            for (auto& end : link.ends)
                if (end && end->member == member && !end->over)
                    end->connection->keepAlive(options.silence / 4, options.silence);
        };
        for (const auto& [key, link] : links) watch(*link);
        for (const auto& weak : leaving)
            if (const LinkPtr link = weak.lock()) watch(*link);
    }

    void end() {
        if (std::exchange(over, true)) return;
        tell = {};
        for (const auto& [key, link] : std::exchange(links, {})) {
            link->timer.cancel();
            for (auto& end : link->ends)
                if (end) end->connection->close(CloseCode::GoingAway, "the host has ended");
        }
        for (const auto& weak : std::exchange(leaving, {}))
            if (const LinkPtr link = weak.lock())
                for (auto& end : link->ends)
                    if (end && !end->over) end->connection->close(CloseCode::GoingAway, "the host has ended");
    }

    IoThread& io;
    const Options options;
    Tell tell;
    std::map<Key, LinkPtr> links;
    std::vector<std::weak_ptr<Link>> leaving;  ///< one end is closed, the other has still to get something
    std::size_t mostWaiting = 0;
    bool over = false;
};

Relay::Relay(IoThread& io, Options options, Tell tell)
    : inside_(std::make_shared<Inside>(io, options, std::move(tell))) {}

Relay::~Relay() {
    inside_->io.perform([this] { inside_->end(); });
}

void Relay::take(RelayRequest request) {
    inside_->io.post(
        [in = inside_, request = std::move(request)]() mutable { in->take(std::move(request)); });
}

void Relay::memberGone(MemberId member) {
    inside_->io.post([in = inside_, member] { in->memberGone(member); });
}

Relay::Figures Relay::figures() const {
    Figures figures;
    inside_->io.perform([&] {
        for (const auto& [key, link] : inside_->links) ++(link->whole() ? figures.pairs : figures.waiting);
        figures.mostWaitingBytes = inside_->mostWaiting;
    });
    return figures;
}

}  // namespace rondo::net
