#pragma once

#include "app/cli/room/host_crew.h"
#include "app/cli/room/rank_frames.h"
#include "engine/events/event_codec.h"
#include "tests/support/lobby.h"

namespace rondo::test {

/// The crew of a host on loopback whose members say what a test wants them to say.
struct CrewOfGuests {
    struct Kept final : EventSink {
        using EventSink::publish;
        void publish(std::span<Event> batch) override {
            const std::lock_guard lock(mutex);
            for (const Event& event : batch) events.push_back(event);
        }
        std::mutex mutex;
        std::vector<Event> events;
    };

    explicit CrewOfGuests(net::HostOptions options = net::test::quickHost())
        : lobby(std::move(options),
                {.memberChanged =
                     [this](const net::MemberInfo& info) {
                         if (info.state == net::MemberState::Ready) crew->ready(info);
                     },
                 .memberGone = [this](const net::MemberInfo& info) { crew->gone(info); },
                 .binaryMessage = [this](
                                      MemberId member, const net::FrameHeader& header,
                                      std::span<const std::byte> body) { crew->heard(member, header, body); },
                 .wanted = [this](MemberId member, const net::Want& want) { crew->wanted(member, want); },
                 .drained = [this](MemberId member) { crew->drained(member); }}) {
        crew = std::make_unique<cli::HostCrew>(*lobby.host, inbox, events, nullptr);
    }
    ~CrewOfGuests() { lobby.host.reset(); }

    /// Its members, in the order of their ranks, begin a world; as the coordinator counts them.
    std::vector<BeginWorld> begin(const std::vector<MemberId>& members, std::uint32_t run,
                                  std::uint32_t generation) {
        std::vector<BeginWorld> world(members.size());
        for (std::size_t i = 0; i < world.size(); ++i) {
            world[i].run = run;
            world[i].generation = generation;
            world[i].rank = Rank{static_cast<std::int32_t>(i)};
            world[i].runBegan = crew->now();
        }
        crew->arrange(members, world);
        for (std::size_t i = 0; i < world.size(); ++i) crew->order(members[i], world[i]);
        return world;
    }
    /// What a member has said of its rank; a test waits for it for a very long time.
    std::optional<FromMember> next() { return inbox.take(std::chrono::seconds(60)); }

    CrewInbox inbox;
    Kept events;
    std::unique_ptr<cli::HostCrew> crew;
    net::test::Lobby lobby;
};

/// As a worker's program sends it.
inline void tell(net::test::Guest& guest, std::uint32_t world, const RankTold& told) {
    guest.member->send(cli::rankFrame(told, world));
}

inline void tell(net::test::Guest& guest, const std::vector<Event>& events) {
    std::vector<std::byte> bytes;
    for (const Event& event : events) encode(event, bytes);
    net::FrameHeader header;
    header.kind = net::FrameHeader::Kind::Events;
    header.payloadBytes = bytes.size();
    guest.member->send(header, bytes);
}

}  // namespace rondo::test
