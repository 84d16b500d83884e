#include "net/membership/join_code.h"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace rondo::net {

static_assert(kCodeAlphabet.size() == 32, "five bits a character, without bias");

JoinCode makeJoinCode() {
    std::array<unsigned char, JoinCode::kSecret> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1)
        throw std::runtime_error("the system gives no random numbers for a join code");
    JoinCode code;
    for (const unsigned char byte : bytes) code.secret += kCodeAlphabet[byte % kCodeAlphabet.size()];
    return code;
}

std::string codeOfFingerprint(std::span<const unsigned char, 32> fingerprint) {
    std::string text;
    unsigned held = 0;
    int bits = 0;
    for (std::size_t at = 0; text.size() < JoinCode::kFingerprint;) {
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
