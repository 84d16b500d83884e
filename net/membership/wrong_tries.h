#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace rondo::net {

/// How long wrong proofs of an address wait for their answer: 1 s, then 2, 4, 8, 8 … s. Only they wait; a
/// right one never asks here, since a whole class may share an address. Pure but for its memory, which is
/// bounded.
class WrongTries {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t kMostAddresses = 4096;

    WrongTries(Clock::duration first, Clock::duration most) : first_(first), most_(most) {}

    Clock::duration delay(std::string_view address, Clock::time_point now);
    std::size_t addresses() const { return tries_.size(); }

  private:
    struct Tries {
        Clock::duration next{};
        Clock::time_point last{};
    };
    void forget(Clock::time_point now);

    Clock::duration first_, most_;
    std::map<std::string, Tries, std::less<>> tries_;
};

}  // namespace rondo::net
