#include "app/cli/room/host_crew.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cmath>

#include "app/cli/room/data_plane.h"
#include "app/cli/room/rank_frames.h"
#include "engine/control/control.h"
#include "engine/events/event_codec.h"
#include "engine/run/told_check.h"

namespace rondo::cli {

namespace {

Nanoseconds steadyNow() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

constexpr std::size_t kMostEvents = (std::size_t{4} << 20) + 12;  ///< bytes of, in a message
/// A member's events that are kept for as long as a run lasts, such as faults: no run has more to tell.
constexpr std::size_t kMostTransitions = 50'000;

/// In a reason that people read.
std::string megabytes(std::size_t bytes) {
    return std::to_string(bytes / 1'000'000) + " MB";
}

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

HostCrew::HostCrew(net::Host& host, CrewInbox& inbox, EventSink& events,
                   std::shared_ptr<const GlooStore> gloo)
    : host_(host),
      inbox_(inbox),
      events_(events),
      listener_(net::PeerListener::Options{.secure = host.secure()}),
      store_(std::move(gloo)),
      shipping_(host, [this](MemberId member, const std::string& detail) { tellDetail(member, detail); }),
      mostBytes_(inbox.mostBytes()) {
    host_.limitMessages(mostBytes_);
}

HostCrew::~HostCrew() {
    endServers();
}

void HostCrew::endServers() {
    // What they still say needs the lock.
    const auto ending = [&] {
        const std::lock_guard lock(mutex_);
        return std::exchange(servers_, {});
    }();
}

void HostCrew::runBegins(std::uint32_t run) {
    {
        const std::lock_guard lock(mutex_);
        numbers_.beginRun();
        present_.emplace().run = run;
    }
    inbox_.clear();
}

void HostCrew::runEnds() {
    {
        const std::lock_guard lock(mutex_);
        present_.reset();
    }
    shipping_.withdraw();
    inbox_.clear();
}

HostCrew::Verdict HostCrew::judge(MemberId member, const Event& event) {
    const Stamp& stamp = stampOf(event);
    const auto ranks = present_->everRankOf.find(member);
    if (stamp.run != present_->run || ranks == present_->everRankOf.end()) return Verdict::LeaveOut;
    if (!isOfARank(event) || !ranks->second.count(stamp.rank)) return Verdict::NotItsOwn;
    if (!canBe(event, present_->mostRanks, steadyNow() - present_->began)) return Verdict::LeaveOut;
    if (classOf(event) == EventClass::Transition && ++present_->transitions[member] > kMostTransitions)
        return Verdict::LeaveOut;
    return Verdict::Take;
}

std::optional<std::string> HostCrew::takeEvents(MemberId member, std::span<const std::byte> body) {
    if (body.size() > kMostEvents) return "sent more than " + megabytes(kMostEvents) + " of events at once";
    std::vector<Event> events;
    {
        const std::lock_guard lock(mutex_);
        if (!present_) return {};
        while (!body.empty()) {
            auto event = decode(body);
            if (!event) return "sends events that can't be read: " + event.error();
            switch (judge(member, *event)) {
                case Verdict::NotItsOwn:
                    return "tells of what isn't its own";
                case Verdict::LeaveOut:
                    continue;
                case Verdict::Take:
                    events.push_back(*std::move(event));
            }
        }
    }
    for (const Event& event : events)
        if (const auto* fault = std::get_if<FaultHappened>(&event)) passOn(member, *fault);
    events_.publish(std::span<Event>(events));
    return {};
}

void HostCrew::passOn(MemberId member, const FaultHappened& fault) {
    if (fault.peer.value == kNone) return;
    FaultSpec begun;
    begun.kind = fault.kind;
    begun.worker = fault.stamp.rank.value;
    begun.peer = fault.peer.value;
    begun.atStep = std::max(fault.step, 0);
    begun.atSecond = secondsOf(std::max(fault.stamp.at, Nanoseconds{0}));
    if (std::isfinite(fault.seconds)) begun.forSeconds = fault.seconds;
    begun.factor = fault.factor;
    const Strike strike{toLine(InjectFault{begun})};
    const std::lock_guard lock(mutex_);
    if (!present_) return;
    const auto own = present_->rankOf.find(member);
    if (own == present_->rankOf.end() || own->second != fault.stamp.rank) return;  // of a world before
    for (const auto& [other, rank] : present_->rankOf) {
        if (rank != fault.peer) continue;
        if (const auto server = servers_.find(other); server != servers_.end())
            server->second->rank.take(strike);
        else
            host_.send(other, rankFrame(RankOrder(strike), present_->world));
    }
}

bool HostCrew::translate(std::uint32_t world, RankTold& told) const {
    if (!present_ || world != present_->world) return false;
    auto* state = std::get_if<StateTold>(&told);
    if (!state) return true;
    const auto generation = numbers_.generationOf(state->generation);
    if (generation) state->generation = *generation;
    return generation.has_value();
}

std::optional<std::string> HostCrew::takeTold(MemberId member, std::uint32_t world,
                                              std::span<const std::byte> body) {
    ToldBounds bounds;
    {
        const std::lock_guard lock(mutex_);
        if (!present_ || world != present_->world) return {};
        const auto rank = present_->rankOf.find(member);
        if (rank == present_->rankOf.end()) return {};
        bounds = {rank->second, present_->ranks, present_->first};
    }
    const std::size_t most = inbox_.mostBytes();
    if (body.size() > most)
        return "sent more than the " + megabytes(most) + " that a rank of this run can have";
    auto told = decodeRankTold(body);
    if (!told) return "sends a message that can't be read: " + told.error();
    if (const auto wrong = impossibleIn(*told, bounds)) return "tells of " + *wrong;
    {
        const std::lock_guard lock(mutex_);
        if (!translate(world, *told)) return {};
    }
    if (!inbox_.post({member, *std::move(told)}, body.size()))
        return "sent more than the " + megabytes(most) + " that may wait of one member";
    return {};
}

void HostCrew::heard(net::MemberId member, const net::FrameHeader& header, std::span<const std::byte> body) {
    const auto refused = header.kind == net::FrameHeader::Kind::Events
                             ? takeEvents(member, body)
                             : takeTold(member, header.generation, body);
    if (refused) host_.remove(member, *refused);
}

void HostCrew::gone(const net::MemberInfo& member) {
    shipping_.gone(member.member);
    const std::lock_guard lock(mutex_);
    if (present_)
        inbox_.post({member.member, MemberLost{member.detail.empty() ? "it has gone" : member.detail}});
}

void HostCrew::ready(const net::MemberInfo& member) {
    const std::lock_guard lock(mutex_);
    if (present_) inbox_.post({member.member, MemberJoined{}});
}

void HostCrew::tellDetail(MemberId member, const std::string& detail) {
    const std::lock_guard lock(mutex_);
    if (!present_) return;
    if (const auto rank = present_->rankOf.find(member); rank != present_->rankOf.end())
        host_.setRank(member, rank->second, detail);
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
                [this, id](std::uint32_t world, RankTold told) {
                    const std::lock_guard lock(mutex_);
                    if (translate(world, told)) inbox_.post({id, std::move(told)});
                },
            .events = events_,
            .hostNow = steadyNow,
            .connect =
                [this, id](const BeginWorld& world, std::function<Nanoseconds()> now, std::stop_token stop) {
                    return connectRank(
                        {listener_, "127.0.0.1", host_.relayFor(id, world.rank), false, events_}, world,
                        std::move(now), std::move(stop));
                },
            .data =
                [this](const RunSpec& spec, const std::stop_token& stopped) {
                    auto offered = shipping_.offered();
                    return offered ? offered : loadData(spec, stopped);
                }});
        const std::lock_guard lock(mutex_);
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

void HostCrew::arrange(std::span<const MemberId> members, std::span<BeginWorld> world) {
    struct Place {
        std::string address;
        std::uint16_t port = 0;
        std::string host;  ///< this computer, by the address that leads here from there; empty: it is here
        /// Where `from` is to call it.
        std::string addressFrom(const Place& from) const {
            return port == 0 ? "" : host.empty() && !from.host.empty() ? from.host : address;
        }
    };
    const auto roster = host_.roster();
    std::vector<Place> places;
    for (const MemberId member : members) {
        Place place{"127.0.0.1", listener_.port(), ""};
        for (const net::MemberInfo& info : roster)
            if (info.member == member) place = {info.address, info.peerPort, info.reachedAt};
        places.push_back(std::move(place));
    }
    for (std::size_t i = 0; i < world.size(); ++i) {
        world[i].ranksHere =
            static_cast<std::int32_t>(std::count_if(places.begin(), places.end(), [&](const Place& place) {
                return place.address == places[i].address ||
                       (isLoopback(place.address) && isLoopback(places[i].address));
            }));
        if (store_) world[i].glooStore = ":" + std::to_string(store_->port());
    }
    {
        const std::lock_guard lock(mutex_);
        if (!present_ || world.empty()) throw std::logic_error("a world of no run");
        Present& present = *present_;
        present.world = numbers_.numberOf(world.front().generation);
        present.began = world.front().runBegan;
        present.first = world.front().firstStep;
        present.ranks = static_cast<int>(world.size());
        present.mostRanks = std::max(present.mostRanks, present.ranks);
        present.rankOf.clear();
        for (std::size_t i = 0; i < world.size(); ++i) {
            world[i].generation = present.world;
            present.rankOf[members[i]] = world[i].rank;
            present.everRankOf[members[i]].insert(world[i].rank);
        }
    }
    // Late messages of a larger run are no reason to lose anybody.
    mostBytes_ = std::max(mostBytes_, inbox_.mostBytes());
    host_.limitMessages(mostBytes_);
    if (store_) return;
    for (std::size_t a = 0; a < world.size(); ++a)
        for (std::size_t b = a + 1; b < world.size(); ++b) {
            const std::string key = freshKey();
            const auto tell = [&](std::size_t to, std::size_t of, bool dials) {
                world[to].peers.push_back(
                    {world[of].rank, places[of].addressFrom(places[to]), places[of].port, key, dials});
            };
            tell(a, b, false);
            tell(b, a, true);
        }
}

std::string HostCrew::offer(std::shared_ptr<const Dataset> data) {
    return shipping_.offer(std::move(data));
}

void HostCrew::order(MemberId member, RankOrder order) {
    std::uint32_t world = 0;
    {
        const std::lock_guard lock(mutex_);
        if (!present_) return;
        world = present_->world;
        if (auto* end = std::get_if<EndWorld>(&order)) end->generation = numbers_.numberOf(end->generation);
    }
    if (const auto server = servers_.find(member); server != servers_.end())
        return server->second->rank.take(std::move(order));
    if (const auto* begin = std::get_if<BeginWorld>(&order)) host_.setRank(member, begin->rank);
    host_.send(member, rankFrame(order, world));
}

Nanoseconds HostCrew::now() const {
    return steadyNow();
}

}  // namespace rondo::cli
