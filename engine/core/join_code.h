#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace rondo {

/// What a person types to join: six characters, shown as K7M-Q2X. Of an encrypted host ten more, the
/// beginning of its certificate's fingerprint: K7M-Q2X-ABCDE-FGHJK. Characters are digits and capitals but 0
/// O 1 I, which look alike on a projector.
struct JoinCode {
    static constexpr std::size_t kSecret = 6, kFingerprint = 10;

    std::string secret;       ///< six characters, capitals, without the dash: what the key is derived from
    std::string fingerprint;  ///< ten characters (50 bits), or empty
    bool operator==(const JoinCode&) const = default;
};

inline constexpr std::string_view kCodeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

std::string shown(const JoinCode& code);

/// As people type: small letters, blanks, other dashes or none.
Result<JoinCode> readJoinCode(std::string_view typed);

/// What has been typed so far as capitals, without what only separates; a problem as soon as something is in
/// it that no code has. Stops behind the longest code.
Result<std::string> charactersOfCode(std::string_view typed);

}  // namespace rondo
