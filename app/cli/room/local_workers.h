#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "net/membership/host.h"

namespace rondo::cli {

/// Workers that are processes of this computer, started by this one; they end with it, however it ends.
/// Thread: one.
class LocalWorkers {
  public:
    LocalWorkers() = default;
    ~LocalWorkers();  ///< ends those that are left
    LocalWorkers(const LocalWorkers&) = delete;
    LocalWorkers& operator=(const LocalWorkers&) = delete;

    /// Starts workers until `count` have been started; named worker-0, worker-1, …
    void start(int count, const net::HostPlace& host);
    const std::vector<pid_t>& processes() const { return processes_; }

  private:
    std::vector<pid_t> processes_;
};

}  // namespace rondo::cli
