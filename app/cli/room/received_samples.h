#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/data/dataset.h"
#include "net/wire/control_message.h"
#include "net/wire/frame.h"

namespace rondo::cli {

/// Samples on their way from a host, piece by piece (net/PROTOCOL.md, "Data sets").
/// Thread: `expect` and `await` the rank's, `heard` the connection's.
class ReceivedSamples {
  public:
    /// These are needed now; what came of others is forgotten. False: they are on their way already, asked
    /// for by a world before, and need no second asking.
    bool expect(const std::string& sha256);
    /// Blocks until they are there. BadInput when the host has none, or others than it says; CommError once
    /// `stop` is requested: what has come by then stays, for the next who expects it.
    Samples await(const std::stop_token& stop);

    void heard(const net::ControlMessage& message);
    void heard(const net::FrameHeader& header, std::span<const std::byte> piece);

    static constexpr std::int64_t kMost = std::int64_t{4} << 30;

  private:
    void refuse(const std::string& why);  // mutex held
    void forget();                        // mutex held

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::string sha256_;
    bool asked_ = false;
    std::optional<net::BlobComes> coming_;
    std::vector<std::byte> bytes_;
    std::optional<std::string> refused_;
};

}  // namespace rondo::cli
