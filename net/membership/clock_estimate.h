#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/core/clock.h"

namespace rondo::net {

/// The four times of one exchange (as in NTP, RFC 5905): asked at `sent` and answer there at `back`, by the
/// asker's clock; question there at `arrived` and answered at `answered`, by the other's.
struct ClockExchange {
    Nanoseconds sent{0}, arrived{0}, answered{0}, back{0};
};

/// How far another machine's steady clock is from ours. The exchange of least round trip among the last 16
/// decides: a queue on the way makes round trips longer, and its offset wrong by at most half of what it
/// adds.
class ClockEstimate {
  public:
    static constexpr std::size_t kKept = 16;

    /// False, and left out: times that can't be (an answer before its question, a round trip below zero or
    /// above ten seconds).
    bool add(const ClockExchange& exchange);

    bool known() const { return kept_ > 0; }
    std::size_t exchanges() const { return kept_; }
    Nanoseconds offset() const;       ///< their clock − ours
    Nanoseconds uncertainty() const;  ///< the offset is within ± this: half the round trip it was taken from
    Nanoseconds roundTrip() const;    ///< of the latest exchange

  private:
    struct Sample {
        Nanoseconds offset{0}, roundTrip{0};
    };
    const Sample& best() const;

    std::array<Sample, kKept> samples_{};
    std::size_t kept_ = 0, next_ = 0;
};

}  // namespace rondo::net
