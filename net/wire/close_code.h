#pragma once

#include <cstdint>

namespace rondo::net {

/// Why a connection was closed, as it stands in a WebSocket close frame; words for a person go beside it
/// (net/PROTOCOL.md, "Ends").
enum class CloseCode : std::uint16_t {
    Normal = 1000,       ///< it left, or the class is over
    GoingAway = 1001,    ///< the program ends
    BadFrame = 1002,     ///< not WebSocket: unmasked, reserved bits, …
    WrongKind = 1003,    ///< text where binary belongs, or the other way round
    BadText = 1007,      ///< not UTF-8
    TooBig = 1009,       ///< longer than is allowed at this point
    WrongProof = 4001,   ///< the code is wrong, or was used on another nonce
    Version = 4002,      ///< of a protocol not spoken here
    Unreadable = 4003,   ///< not JSON, an unknown type, a wrong, missing or unknown field
    OutOfTurn = 4004,    ///< a good message that has no place here
    TooSlow = 4005,      ///< not joined in time, or nothing heard for too long
    Overflow = 4006,     ///< it doesn't read what is sent to it
    Removed = 4007,      ///< somebody at the host sent it away
    Full = 4008,         ///< no more members are taken
    Replaced = 4009,     ///< the same member has joined again
    NotReachable = 4010  ///< of a relay: the other rank is not there
};

}  // namespace rondo::net
