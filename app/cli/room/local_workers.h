#pragma once

#include <sys/types.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "net/membership/host.h"

namespace rondo::cli {

/// Workers that are processes of this computer, started by this one out of a nursery (nursery.h); they end
/// with it, however it ends. Thread: one.
class LocalWorkers {
  public:
    LocalWorkers() = default;
    ~LocalWorkers();  ///< ends those that are left
    LocalWorkers(const LocalWorkers&) = delete;
    LocalWorkers& operator=(const LocalWorkers&) = delete;

    /// Starts workers until `count` have been started; named worker-0, worker-1, … The host is the same each
    /// time. std::runtime_error when they can't be had.
    void start(int count, const net::HostPlace& host);
    const std::vector<pid_t>& processes() const { return processes_; }
    /// In words, of a worker that has ended and wasn't told of yet; of the nursery's end too. Doesn't wait.
    std::optional<std::string> ended();

  private:
    void openNursery(const net::HostPlace& host);
    /// Takes in what the nursery has told, waiting for more if nothing is there; false once it has ended.
    bool hear(int mostMilliseconds);

    pid_t nursery_ = 0;
    int asks_ = -1, tells_ = -1;  ///< pipes
    std::string unread_;
    std::vector<pid_t> processes_;
    std::deque<std::string> ended_;
};

}  // namespace rondo::cli
