#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace rondo {

/// What processes that nobody has introduced to each other leave for one another at a Gloo store, before they
/// are ranks of a world. Anyone who reaches the store reads it. Thread: one.
class GlooBoard {
  public:
    using Time = std::chrono::steady_clock::time_point;
    /// How long to wait, and for what else to stop.
    struct Patience {
        Time due;
        std::stop_token stop;
    };

    /// Waits until somebody listens there. CommError: Deadline with the system's reason, Cancelled once asked
    /// to stop, PeerGone where what listens is no store. `say` hears once why it has to wait.
    GlooBoard(const std::string& host, std::uint16_t port, const Patience& patience,
              const std::function<void(const std::string&)>& say = {});
    ~GlooBoard();
    GlooBoard(const GlooBoard&) = delete;
    GlooBoard& operator=(const GlooBoard&) = delete;

    // All of them throw CommError, PeerGone, when the store has ended.
    void write(const std::string& key, const std::string& text);
    std::optional<std::string> read(const std::string& key);
    /// Until it is written. CommError: Deadline and Cancelled; `what` is what one waits for, in words.
    std::string await(const std::string& key, const Patience& patience, const std::string& what);
    /// How often this has been called for the key, by all, this call included.
    std::int64_t count(const std::string& key);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace rondo
