#include "net/membership/join_code.h"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace rondo::net {
namespace {

constexpr std::size_t kSecret = 6, kFingerprint = 10;
static_assert(kCodeAlphabet.size() == 32, "five bits a character, without bias");

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

JoinCode makeJoinCode() {
    std::array<unsigned char, kSecret> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1)
        throw std::runtime_error("the system gives no random numbers for a join code");
    JoinCode code;
    for (const unsigned char byte : bytes) code.secret += kCodeAlphabet[byte % kCodeAlphabet.size()];
    return code;
}

std::string shown(const JoinCode& code) {
    std::string text = code.secret.substr(0, 3) + "-" + code.secret.substr(3);
    if (!code.fingerprint.empty())
        text += "-" + code.fingerprint.substr(0, 5) + "-" + code.fingerprint.substr(5);
    return text;
}

Result<JoinCode> readJoinCode(std::string_view typed) {
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
    if (characters.empty()) return unreadable(typed, "no code given");
    if (characters.size() != kSecret && characters.size() != kSecret + kFingerprint)
        return unreadable(typed, characters.size() < kSecret ? "too short"
                                 : characters.size() < kSecret + kFingerprint
                                     ? "neither six nor sixteen characters long"
                                     : "too long");
    return JoinCode{characters.substr(0, kSecret), characters.substr(kSecret)};
}

std::string codeOfFingerprint(std::span<const unsigned char, 32> fingerprint) {
    std::string text;
    unsigned held = 0;
    int bits = 0;
    for (std::size_t at = 0; text.size() < kFingerprint;) {
        if (bits < 5) {
            held = held << 8 | fingerprint[at++];
            bits += 8;
        }
        bits -= 5;
        text += kCodeAlphabet[held >> bits & 31];
    }
    return text;
}

std::string joinLine(std::string_view url, const JoinCode& code) {
    return "rondo-cli worker --join " + std::string(url) + " --code " + shown(code);
}

}  // namespace rondo::net
