#pragma once

#include <string>

#include "net/wire/control_message.h"
#include "net/ws/tls.h"
#include "net/ws/url.h"

namespace rondo::net {

/// How a rank gets at its host's relay.
struct RelayAccess {
    Url host;
    std::string secret;               ///< of the join code
    Bytes16 token{};                  ///< of the member that the rank is
    ExpectedCertificate certificate;  ///< of a wss host
};

}  // namespace rondo::net
