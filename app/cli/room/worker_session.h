#pragma once

#include <functional>
#include <optional>
#include <string>

#include "net/membership/member.h"

namespace rondo::cli {

/// A worker of this process: joins a host and carries out the ranks it is given, one at a time, until the
/// host has ended or sends it away.
class WorkerSession {
  public:
    struct Options {
        net::Url url;
        net::JoinCode code;
        std::optional<net::Fingerprint> fingerprint;
        std::string name;
        bool returns = true;                          ///< dials again when the connection breaks
        std::function<void(const std::string&)> say;  ///< news for the person who started it; any thread
    };
    explicit WorkerSession(Options options) : options_(std::move(options)) {}
    /// Blocks until it is over for good; says how that came.
    net::MemberEnd run();

  private:
    net::MemberEnd runOnce(net::IoThread& io, std::optional<net::Bytes16>& token);
    const Options options_;
};

}  // namespace rondo::cli
