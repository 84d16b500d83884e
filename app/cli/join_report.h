#pragma once

#include <string>

#include "app/cli/command.h"
#include "engine/control/join_news.h"

namespace rondo::cli {

/// How it goes with joining a host, told on standard error: in words, or to the program that has started this
/// one. Any thread.
class JoinReport {
  public:
    /// `command`: as the person calls it. `quiet`: no word but of a failure.
    JoinReport(std::string command, const ParentOptions& parent, bool quiet)
        : command_(std::move(command)), json_(parent.json), quiet_(quiet) {}
    void tell(const JoinNews& news) const;
    /// The last news; the exit code.
    int over(std::string why, bool well, bool mayRetry) const;

  private:
    const std::string command_;
    const bool json_, quiet_;
};

}  // namespace rondo::cli
