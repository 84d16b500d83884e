#pragma once

#include <chrono>
#include <memory>

#include "net/ws/connection.h"
#include "net/ws/io_thread.h"
#include "net/ws/url.h"

namespace rondo::net {

struct DialOptions {
    Url url;
    ExpectedCertificate certificate;  ///< must be known where the URL is secure
    std::chrono::steady_clock::duration within = std::chrono::seconds(10);  ///< until `opened`
};

/// Begins to connect, from the io thread; `opened` or `closed`, with the reason in words, tells how it went.
/// Nothing is said to a machine whose certificate isn't the expected one.
std::shared_ptr<Connection> dial(IoThread& io, const DialOptions& options, Connection::Handlers handlers,
                                 Connection::Limits limits);

}  // namespace rondo::net
