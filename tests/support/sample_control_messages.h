#pragma once

#include <limits>
#include <vector>

#include "net/wire/control_message.h"

namespace rondo::test {

/// Each text message at least once, with values at the edges of their ranges.
inline std::vector<net::ControlMessage> controlMessages() {
    using namespace net;
    constexpr auto most = std::numeric_limits<std::int64_t>::max(),
                   least = std::numeric_limits<std::int64_t>::min();
    constexpr auto mostId = std::numeric_limits<std::uint32_t>::max();
    Bytes16 token;
    Bytes32 nonce, proof;
    for (std::size_t i = 0; i < 16; ++i) token[i] = static_cast<std::uint8_t>(0xf0 + i);
    for (std::size_t i = 0; i < 32; ++i) nonce[i] = static_cast<std::uint8_t>(i);
    for (std::size_t i = 0; i < 32; ++i) proof[i] = static_cast<std::uint8_t>(255 - 7 * i);
    const RosterEntry desk{mostId, "Füße 机 \"7\"", MemberChanged::State::Removed, Rank{3}, 128, 1e-300};
    return {Challenge{std::numeric_limits<int>::max(), token, kMostIterations, nonce},
            Hello{1, Role::Worker, "desk 7", nonce, proof, {}, {}},
            Hello{1, Role::Worker, "desk 7", nonce, proof, token, {}},
            Hello{2, Role::Viewer, std::string(kMostNameBytes, 'x'), nonce, proof, {}, {}},
            Hello{1, Role::Relay, "", nonce, proof, token, RelayPart{mostId, Rank{0}, Lane::Communication}},
            Welcome{proof, mostId, "desk 7 (2)", token, "rondo 0.1.0"},
            Welcome{proof, 0, "viewer", {}, ""},
            Refused{CloseCode::NotReachable, "the other rank isn't there"},
            Ready{65535, 52.5, 65535, "0.1.0"},
            Rename{"\\/\"{}"},
            Leave{""},
            Removed{std::string(kMostWordsBytes, 'w')},
            Roster{},
            Roster{{desk, RosterEntry{1, "a", MemberChanged::State::Joining, Rank{kNone}, 0, 0}}},
            ClockAsked{0, least, {}},
            ClockAsked{mostId, most, ClockTold{least, most}},
            ClockAnswered{mostId, least, most, 0},
            Credit{most},
            Want{std::string(64, 'f')},
            BlobComes{std::string(64, '0'), mostId, most},
            NoBlob{std::string(64, '9'), "it isn't here"},
            Relayed{mostId, Rank{std::numeric_limits<std::int32_t>::max()}, Lane::Compute}};
}

}  // namespace rondo::test
