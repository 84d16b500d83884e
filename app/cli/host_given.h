#pragma once

#include <optional>
#include <string>

#include "net/membership/join_code.h"
#include "net/ws/tls.h"
#include "net/ws/url.h"

namespace rondo::cli {

/// A host as --join, --code and --fingerprint name it.
struct HostGiven {
    net::Url url;
    net::JoinCode code;
    std::optional<net::Fingerprint> fingerprint;  ///< none: what the code has of it, or not encrypted
};

/// `fingerprint`: 64 hexadecimal digits, with colons or without, or a file that holds them; empty: not given.
/// BadInput, naming the option, also where a certificate would be expected of a host without encryption, or
/// none of one with it.
HostGiven hostGiven(const std::string& join, const std::string& code, const std::string& fingerprint);

}  // namespace rondo::cli
