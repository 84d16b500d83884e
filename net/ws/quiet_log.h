#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rondo::net {

/// A log that an attacker can't fill: of one kind at most `kAtOnce` lines, then one a second; what was left
/// out is counted in the next line. One thread.
class QuietLog {
  public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr int kAtOnce = 8;
    static constexpr std::chrono::seconds kApart{1};

    explicit QuietLog(std::function<void(const std::string&)> write) : write_(std::move(write)) {}

    /// `kind`: a word of ours, never of a peer's.
    void say(std::string_view kind, const std::string& line, Time now = std::chrono::steady_clock::now());
    std::uint64_t leftOut() const { return leftOut_; }  ///< since the start

  private:
    struct Kind {
        int left = kAtOnce;
        Time refilled{};
        std::uint64_t leftOut = 0;
    };
    std::function<void(const std::string&)> write_;
    std::map<std::string, Kind, std::less<>> kinds_;
    std::uint64_t leftOut_ = 0;
};

}  // namespace rondo::net
