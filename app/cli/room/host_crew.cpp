#include "app/cli/room/host_crew.h"

#include <openssl/rand.h>

#include <algorithm>

#include "app/cli/room/data_plane.h"
#include "app/cli/room/rank_frames.h"
#include "engine/data/samples_codec.h"
#include "engine/events/event_codec.h"
#include "engine/run/sha256.h"

namespace rondo::cli {

namespace {

Nanoseconds steadyNow() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

constexpr std::size_t kMostPiece = std::size_t{1} << 20;  ///< of a blob, as the protocol has it

std::string freshKey() {
    std::string key(32, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1)
        throw std::runtime_error("the system gives no random numbers");
    return key;
}

/// Loopback has two names, and a member on the host's own computer is reached by either.
bool isLoopback(const std::string& address) {
    return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

}  // namespace

/// A rank of this process, on a thread of its own.
struct HostCrew::Server {
    RemoteRank rank;
    std::thread thread;
    explicit Server(RemoteRank::Surroundings surroundings) : rank(std::move(surroundings)) {
        thread = std::thread([this] { rank.run(); });
    }
    ~Server() {
        rank.close("the run is over");
        thread.join();
    }
};

HostCrew::HostCrew(net::Host& host, CrewInbox& inbox, EventSink& events, bool overGloo)
    : host_(host), inbox_(inbox), events_(events) {
    if (overGloo) store_.emplace();
}

HostCrew::~HostCrew() {
    endServers();
}

void HostCrew::endServers() {
    servers_.clear();
}

bool HostCrew::mayTell(MemberId member, const Event& event) {
    // Of a run itself only its coordinator tells.
    const bool ofARank = classOf(event) == EventClass::Sample || std::holds_alternative<FaultHappened>(event);
    const std::lock_guard lock(mutex_);
    const auto rank = ranks_.find(member);
    return ofARank && rank != ranks_.end() && stampOf(event).rank == rank->second;
}

void HostCrew::heard(net::MemberId member, const net::FrameHeader& header, std::span<const std::byte> body) {
    if (header.kind == net::FrameHeader::Kind::Events) {
        std::vector<Event> events;
        while (!body.empty()) {
            auto event = decode(body);
            if (!event) return host_.remove(member, "sends events that can't be read: " + event.error());
            if (!mayTell(member, *event)) return host_.remove(member, "tells of what isn't its own");
            events.push_back(*std::move(event));
        }
        return events_.publish(std::span<Event>(events));
    }
    auto told = decodeRankTold(body);
    if (!told) return host_.remove(member, "sends a message that can't be read: " + told.error());
    // What comes from a world that is over is nobody's any more; only what it has left is still asked for.
    if (header.generation != generation_) return;
    inbox_.post({member, *std::move(told)});
}

void HostCrew::gone(const net::MemberInfo& member) {
    inbox_.post({member.member, MemberLost{member.detail.empty() ? "it has gone" : member.detail}});
}

void HostCrew::ready(const net::MemberInfo& member) {
    inbox_.post({member.member, MemberJoined{}});
}

std::vector<MemberId> HostCrew::workers() {
    std::vector<MemberId> ids;
    for (const net::MemberInfo& member : host_.roster())
        if (member.state == net::MemberState::Ready || member.state == net::MemberState::Training)
            ids.push_back(member.member);
    return ids;
}

std::vector<MemberId> HostCrew::servers(int count) {
    std::vector<MemberId> ids;
    for (int i = 0; i < count; ++i) {
        const MemberId id = kFirstServer + static_cast<MemberId>(i);
        ids.push_back(id);
        if (servers_.count(id)) continue;
        auto server = std::make_unique<Server>(RemoteRank::Surroundings{
            .tell =
                [this, id](RankTold told) {
                    inbox_.post({id, std::move(told)});
                },
            .events = events_,
            .hostNow = steadyNow,
            .connect =
                [this](const BeginWorld& world, std::function<Nanoseconds()> now, std::stop_token stop) {
                    return connectRank(listener_, world, std::move(now), std::move(stop));
                },
            .data =
                [this](const RunSpec& spec, const std::stop_token& stopped) {
                    const auto offer = [&] {
                        const std::lock_guard lock(mutex_);
                        return offer_;
                    }();
                    return offer ? offer->data : loadData(spec, stopped);
                }});
        servers_.emplace(id, std::move(server));
    }
    return ids;
}

std::string HostCrew::nameOf(MemberId member) {
    if (member >= kFirstServer) return "server " + std::to_string(member - kFirstServer);
    for (const net::MemberInfo& info : host_.roster())
        if (info.member == member) return info.name;
    return "member " + std::to_string(member);
}

void HostCrew::arrange(std::span<const MemberId> members, std::span<BeginWorld> world,
                       std::span<const DirectedLink>) {
    struct Place {
        std::string address;
        std::uint16_t port = 0;
    };
    const auto roster = host_.roster();
    std::vector<Place> places;
    for (const MemberId member : members) {
        Place place{"127.0.0.1", listener_.port()};
        for (const net::MemberInfo& info : roster)
            if (info.member == member) place = {info.address, info.peerPort};
        places.push_back(std::move(place));
    }
    for (std::size_t i = 0; i < world.size(); ++i) {
        world[i].ranksHere =
            static_cast<std::int32_t>(std::count_if(places.begin(), places.end(), [&](const Place& place) {
                return place.address == places[i].address ||
                       (isLoopback(place.address) && isLoopback(places[i].address));
            }));
        if (store_) world[i].glooStore = "127.0.0.1:" + std::to_string(store_->port());
    }
    generation_ = world.empty() ? 0 : world.front().generation;
    {
        // Who is no rank of this world may still have something to say of the one before.
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < world.size(); ++i) ranks_[members[i]] = world[i].rank;
    }
    if (store_) return;
    for (std::size_t a = 0; a < world.size(); ++a)
        for (std::size_t b = a + 1; b < world.size(); ++b) {
            const std::string key = freshKey();
            world[a].peers.push_back({world[b].rank, places[b].address, places[b].port, key, false});
            world[b].peers.push_back({world[a].rank, places[a].address, places[a].port, key, true});
        }
}

std::string HostCrew::offer(std::shared_ptr<const Dataset> data) {
    auto offer = std::make_shared<Offer>();
    offer->packed = packed(data->train);
    offer->sha256 = sha256(offer->packed);
    offer->data = std::move(data);
    const std::lock_guard lock(mutex_);
    offer_ = offer;
    return offer->sha256;
}

void HostCrew::wanted(net::MemberId member, const net::Want& want) {
    const auto offer = [&] {
        const std::lock_guard lock(mutex_);
        return offer_;
    }();
    if (!offer || offer->sha256 != want.sha256) {
        host_.send(member, net::NoBlob{want.sha256, "no run here has these samples"});
        return;
    }
    net::FrameHeader header;
    header.kind = net::FrameHeader::Kind::Blob;
    header.tag = ++blobs_;
    host_.send(member,
               net::BlobComes{want.sha256, header.tag, static_cast<std::int64_t>(offer->packed.size())});
    for (std::span<const std::byte> rest = offer->packed; !rest.empty();) {
        const auto piece = rest.first(std::min(rest.size(), kMostPiece));
        header.payloadBytes = piece.size();
        if (host_.send(member, header, piece) != net::Connection::Sent::Yes) return;
        rest = rest.subspan(piece.size());
    }
}

void HostCrew::order(MemberId member, RankOrder order) {
    if (const auto server = servers_.find(member); server != servers_.end())
        return server->second->rank.take(std::move(order));
    if (const auto* begin = std::get_if<BeginWorld>(&order)) host_.setRank(member, begin->rank);
    host_.send(member, rankFrame(order, generation_));
}

Nanoseconds HostCrew::now() const {
    return steadyNow();
}

}  // namespace rondo::cli
