#include "engine/core/join_code.h"

namespace rondo {
namespace {

constexpr std::size_t kSecret = JoinCode::kSecret, kFingerprint = JoinCode::kFingerprint;
constexpr std::string_view kSeparators = " \t\r\n-_.:";

/// Dashes that text editors make of "-" (U+2010 … U+2015, and the minus sign).
std::size_t fancyDashAt(std::string_view text) {
    if (text.substr(0, 2) == "\xe2\x80" && text.size() > 2 && text[2] >= '\x90' && text[2] <= '\x95')
        return 3;
    return text.substr(0, 3) == "\xe2\x88\x92" ? 3 : 0;
}

Problem unreadable(std::string_view typed, std::string what) {
    constexpr std::size_t kQuoted = 40;
    std::string where = "code";
    if (!typed.empty() && typed.size() <= kQuoted) where += " " + std::string(typed);
    return {std::move(where), std::move(what) + "; expected six characters like K7M-Q2X"};
}

}  // namespace

std::string shown(const JoinCode& code) {
    std::string text = code.secret.substr(0, 3) + "-" + code.secret.substr(3);
    if (!code.fingerprint.empty())
        text += "-" + code.fingerprint.substr(0, 5) + "-" + code.fingerprint.substr(5);
    return text;
}

Result<std::string> charactersOfCode(std::string_view typed) {
    std::string characters;
    for (std::string_view rest = typed; !rest.empty();) {
        if (const std::size_t dash = fancyDashAt(rest)) {
            rest.remove_prefix(dash);
            continue;
        }
        char c = rest.front();
        rest.remove_prefix(1);
        if (kSeparators.find(c) != std::string_view::npos) continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (std::string_view("0O1I").find(c) != std::string_view::npos)
            return unreadable(typed, std::string("no code has a ") + c + " in it (nor 0 O 1 I at all)");
        if (kCodeAlphabet.find(c) == std::string_view::npos)
            return unreadable(typed, "codes are made of letters and digits only");
        characters += c;
        if (characters.size() > kSecret + kFingerprint) break;
    }
    return characters;
}

Result<JoinCode> readJoinCode(std::string_view typed) {
    const auto characters = charactersOfCode(typed);
    if (!characters) return characters.problems();
    const std::size_t size = characters->size();
    if (size == 0) return unreadable(typed, "no code given");
    if (size < kSecret) return unreadable(typed, "too short");
    if (size > kSecret + kFingerprint) return unreadable(typed, "too long");
    if (size != kSecret && size != kSecret + kFingerprint)
        return unreadable(typed, "neither six nor sixteen characters long");
    return JoinCode{characters->substr(0, kSecret), characters->substr(kSecret)};
}

}  // namespace rondo
