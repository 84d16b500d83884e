#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "engine/control/join_news.h"
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
        bool byRelayOnly = false;                  ///< neither calls other workers nor is called
        bool returns = true;                       ///< dials again when the connection breaks
        std::function<void(const JoinNews&)> say;  ///< news for whoever started it; any thread
    };
    explicit WorkerSession(Options options) : options_(std::move(options)) {}
    /// Blocks until it is over for good; says how that came.
    net::MemberEnd run();
    /// Leaves the host, or dials no more; run() returns soon. Any thread.
    void leave();

  private:
    class Session;
    /// What outlasts a connection.
    struct Self {
        std::string name;  ///< as the host called it last: a host that was started again hears it, too
        std::optional<net::Bytes16> token;
        std::optional<double> gflops;  ///< of a core, once measured
    };
    net::MemberEnd runOnce(net::IoThread& io, Self& self);

    const Options options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool leaving_ = false;
    Session* session_ = nullptr;  ///< that is under way
};

}  // namespace rondo::cli
