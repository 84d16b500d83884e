#pragma once

#include <string>
#include <vector>

#include "engine/events/event.h"

namespace rondo::test {

/// A room as its host tells of it.
inline RoomChanged madeRoom(const std::string& code = "K7M-Q2X") {
    RoomChanged room;
    room.open = true;
    room.url = "ws://192.168.1.20:7077";
    room.others = "ws://10.0.0.7:7077";
    room.code = code;
    room.joinLine = "rondo-cli worker --join " + room.url + " --code " + code;
    return room;
}

inline MemberChanged madeMember(std::uint32_t number, const std::string& name,
                                MemberChanged::State state = MemberChanged::State::Ready) {
    MemberChanged member;
    member.member = number;
    member.name = name;
    member.state = state;
    member.cores = 8;
    member.gflops = 52.4;
    member.roundTrip = std::chrono::microseconds(740);
    member.clockOffset = -std::chrono::minutes(126);
    member.clockUncertainty = std::chrono::microseconds(80);
    member.address = "192.168.1." + std::to_string(20 + number);
    return member;
}

/// A class of so many, as one is: most are ready or train, one comes, one was lost, one has left.
inline std::vector<Event> madeClass(int machines) {
    using State = MemberChanged::State;
    std::vector<Event> events{madeRoom()};
    for (int i = 1; i <= machines; ++i) {
        MemberChanged member = madeMember(static_cast<std::uint32_t>(i), "desk-" + std::to_string(i),
                                          i <= 4 ? State::Training : State::Ready);
        if (i <= 4) member.rank = Rank{i - 1};
        member.gflops = 40 + i % 7 * 3.5;
        member.roundTrip = std::chrono::microseconds(400 + i % 11 * 90);
        if (i == machines && machines > 2) {
            member = madeMember(member.member, member.name, State::Joining);
            member.cores = 0;
            member.gflops = 0;
            member.roundTrip = member.clockOffset = member.clockUncertainty = Nanoseconds{0};
        }
        if (i == machines - 1 && machines > 6) {
            member.state = State::Lost;
            member.detail = "has sent no byte for 5 s";
        }
        if (i == machines - 2 && machines > 6) {
            member.state = State::Left;
            member.detail = "left";
        }
        events.push_back(member);
    }
    return events;
}

}  // namespace rondo::test
