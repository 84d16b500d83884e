#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/result.h"
#include "engine/events/event.h"
#include "net/wire/close_code.h"

namespace rondo::net {

// The text messages of the protocol as plain values; net/PROTOCOL.md says who sends which of them when. Which
// one belongs where is for the receiver to judge: reading only says whether one is well made.

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kMostTextBytesBefore = 4096;     ///< of one message, before a right proof
inline constexpr std::size_t kMostTextBytesAfter = 1u << 20;  ///< after it
inline constexpr std::size_t kMostNameBytes = 64;             ///< of a member's name, UTF-8
inline constexpr std::size_t kMostWordsBytes = 1000;          ///< of a reason in words
inline constexpr int kMostIterations = 1'000'000;  ///< so that a false host can't keep a client busy

using Bytes16 = std::array<std::uint8_t, 16>;
using Bytes32 = std::array<std::uint8_t, 32>;

enum class Role : std::uint8_t { Worker, Viewer, Relay };
std::string_view nameOf(Role role);  ///< as it travels, and as it goes into a proof: "worker"

// Joining.

struct Challenge {
    int version = kProtocolVersion;
    Bytes16 salt{};
    int iterations = 20000;
    Bytes32 nonce{};
    bool operator==(const Challenge&) const = default;
};
/// Of a relay connection: with whom it carries messages.
struct RelayPart {
    std::uint32_t generation = 0;
    Rank peer;
    Lane lane = Lane::Compute;
    bool operator==(const RelayPart&) const = default;
};
struct Hello {
    int version = kProtocolVersion;
    Role role = Role::Worker;
    std::string name;
    Bytes32 nonce{};
    Bytes32 proof{};
    std::optional<Bytes16> token;    ///< of a worker that returns, and of every relay
    std::optional<RelayPart> relay;  ///< of a relay, and of nobody else
    bool operator==(const Hello&) const = default;
};
struct Welcome {
    Bytes32 proof{};
    std::uint32_t member = 0;  ///< 0: a viewer
    std::string name;          ///< as the host calls it from now on
    std::optional<Bytes16> token;
    std::string software;
    bool operator==(const Welcome&) const = default;
};
/// Followed by a close frame with the same code.
struct Refused {
    CloseCode code = CloseCode::WrongProof;
    std::string why;
    bool operator==(const Refused&) const = default;
};

// Members.

/// A worker can train from now on. Sent again, the later one counts.
struct Ready {
    std::uint32_t cores = 1;
    double gflops = 0;           ///< of one core; 0: not measured
    std::uint16_t peerPort = 0;  ///< where other ranks may dial it; 0: nowhere
    std::string software;
    bool operator==(const Ready&) const = default;
};
/// To the host: it wants to be called so. From the host: it is called so now.
struct Rename {
    std::string name;
    bool operator==(const Rename&) const = default;
};
/// It goes of its own will.
struct Leave {
    std::string why;
    bool operator==(const Leave&) const = default;
};
/// It was sent away; a close frame follows.
struct Removed {
    std::string why;
    bool operator==(const Removed&) const = default;
};
struct RosterEntry {
    std::uint32_t member = 0;
    std::string name;
    MemberChanged::State state = MemberChanged::State::Joining;
    Rank rank{kNone};
    std::uint32_t cores = 0;
    double gflops = 0;
    bool operator==(const RosterEntry&) const = default;
};
/// All members, whenever one of these values has changed.
struct Roster {
    std::vector<RosterEntry> members;
    bool operator==(const Roster&) const = default;
};

// Clocks. Nanoseconds of steady clocks; whose, PROTOCOL.md says.

struct ClockTold {
    std::int64_t offset = 0;  ///< of the member's clock: less the host's
    std::int64_t uncertainty = 0;
    bool operator==(const ClockTold&) const = default;
};
struct ClockAsked {
    std::uint32_t id = 0;
    std::int64_t t0 = 0;
    std::optional<ClockTold> told;  ///< the host's present estimate, once it has one
    bool operator==(const ClockAsked&) const = default;
};
struct ClockAnswered {
    std::uint32_t id = 0;
    std::int64_t t0 = 0, t1 = 0, t2 = 0;
    bool operator==(const ClockAnswered&) const = default;
};

// What else travels on the same connection.

/// A viewer takes so many bytes of events more.
struct Credit {
    std::int64_t bytes = 0;
    bool operator==(const Credit&) const = default;
};
/// A worker needs the samples with this hash.
struct Want {
    std::string sha256;
    bool operator==(const Want&) const = default;
};
/// They follow, in binary messages whose tag is `id`.
struct BlobComes {
    std::string sha256;
    std::uint32_t id = 0;
    std::int64_t bytes = 0;
    bool operator==(const BlobComes&) const = default;
};
struct NoBlob {
    std::string sha256, why;
    bool operator==(const NoBlob&) const = default;
};

/// To a worker: that peer has opened a relay connection and waits for this side's.
struct Relayed {
    std::uint32_t generation = 0;
    Rank peer;
    Lane lane = Lane::Compute;
    bool operator==(const Relayed&) const = default;
};

using ControlMessage = std::variant<Challenge, Hello, Welcome, Refused, Ready, Rename, Leave, Removed, Roster,
                                    ClockAsked, ClockAnswered, Credit, Want, BlobComes, NoBlob, Relayed>;

/// As "type" has it: "clock_answer".
std::string_view nameOf(const ControlMessage& message);

/// One line of JSON. What doesn't fit (a name of more than kMostNameBytes) is the caller's mistake and gets
/// refused by the reader.
std::string toText(const ControlMessage& message);

/// Refuses, naming the field: what is longer than `mostBytes`, not JSON, nested deeper than 8, has a key
/// twice, an unknown type, or a field that is missing, unknown, of the wrong type or outside its range.
/// Nothing is left of a message that isn't good as a whole.
Result<ControlMessage> readControlMessage(std::string_view text, std::size_t mostBytes = kMostTextBytesAfter);

/// A name as it may stand in a roster: what is left of `typed` without control characters and blanks at its
/// ends, cut to kMostNameBytes between characters; "worker" if that is nothing.
std::string tidyName(std::string_view typed);

}  // namespace rondo::net
