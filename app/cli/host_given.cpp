#include "app/cli/host_given.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>

namespace rondo::cli {

namespace {

constexpr const char* kExpected =
    "expected 64 hexadecimal digits, with colons or without, or a file that holds them";

/// In an error: what somebody has typed may be anything.
std::string quoted(const std::string& text) {
    constexpr std::size_t kMost = 80;
    return text.size() <= kMost ? text : text.substr(0, kMost) + "…";
}

net::Fingerprint fingerprintOf(const std::string& given) {
    if (const auto digits = net::readFingerprint(given)) return *digits;
    std::ifstream file(given, std::ios::binary);
    if (!file) throw BadInput(Problem{"--fingerprint", quoted(given) + ", " + kExpected});
    // More than any way to write it down takes: the file is another.
    std::array<char, 256> room{};
    file.read(room.data(), room.size());
    const auto held = net::readFingerprint({room.data(), static_cast<std::size_t>(file.gcount())});
    if (!held)
        throw BadInput(Problem{"--fingerprint", quoted(given) + " holds something else, " + kExpected});
    return *held;
}

}  // namespace

HostGiven hostGiven(const std::string& join, const std::string& code, const std::string& fingerprint) {
    HostGiven host;
    const auto url = net::readUrl(join);
    if (!url) throw BadInput(Problem{"--join", url.error()});
    host.url = *url;
    const auto read = net::readJoinCode(code);
    if (!read) throw BadInput(Problem{"--code", read.error()});
    host.code = *read;
    if (!fingerprint.empty()) host.fingerprint = fingerprintOf(fingerprint);

    if (host.url.secure && !host.fingerprint && host.code.fingerprint.empty())
        throw BadInput(Problem{"--code", shown(host.code) +
                                             ", expected the longer one that an encrypted host shows, like "
                                             "K7M-Q2X-ABCDE-FGHJK, or its --fingerprint too"});
    if (!host.url.secure && (host.fingerprint || !host.code.fingerprint.empty()))
        throw BadInput(Problem{"--join", textOf(host.url) + ", expected wss://… with " +
                                             (host.fingerprint ? "--fingerprint" : "a code of this length") +
                                             ": its host is encrypted"});
    return host;
}

}  // namespace rondo::cli
