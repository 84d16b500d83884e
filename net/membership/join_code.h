#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace rondo::net {

/// What a person types to join: six characters, shown as K7M-Q2X. Of an encrypted host ten more, the
/// beginning of its certificate's fingerprint: K7M-Q2X-ABCDE-FGHJK. Characters are digits and capitals but 0
/// O 1 I, which look alike on a projector.
struct JoinCode {
    std::string secret;       ///< six characters, capitals, without the dash: what the key is derived from
    std::string fingerprint;  ///< ten characters (50 bits), or empty
    bool operator==(const JoinCode&) const = default;
};

inline constexpr std::string_view kCodeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// 30 random bits of the system's generator, all codes equally likely.
JoinCode makeJoinCode();

std::string shown(const JoinCode& code);

/// As people type: small letters, blanks, other dashes or none.
Result<JoinCode> readJoinCode(std::string_view typed);

/// The first ten characters of a SHA-256 fingerprint in the code's alphabet, five bits each, high bits first.
std::string codeOfFingerprint(std::span<const unsigned char, 32> fingerprint);

/// What a student types in a terminal.
std::string joinLine(std::string_view url, const JoinCode& code);

}  // namespace rondo::net
