#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ratio>

namespace rondo {

using Nanoseconds = std::chrono::nanoseconds;  ///< what events carry: time since the start of the run

/// Virtual time. Integers, so that sums don't depend on their order; picoseconds, so that a byte on a 100
/// Gbit/s link (80 ps) is exact. Holds 106 days.
using Picoseconds = std::chrono::duration<std::int64_t, std::pico>;

inline double secondsOf(Nanoseconds t) {
    return std::chrono::duration<double>(t).count();
}
inline double secondsOf(Picoseconds t) {
    return std::chrono::duration<double>(t).count();
}
/// No virtual run goes on for longer. Half of what the type holds, so that sums of two never overflow.
inline constexpr Picoseconds kLongestRun{
    std::chrono::duration_cast<Picoseconds>(std::chrono::hours(24 * 50))};
/// Rounded to the nearest picosecond; at most ±kLongestRun.
inline Picoseconds picosecondsOf(double seconds) {
    const double limit = static_cast<double>(kLongestRun.count());
    const double exact = std::clamp(seconds * 1e12, -limit, limit);
    return Picoseconds{static_cast<std::int64_t>(exact + (exact < 0 ? -0.5 : 0.5))};
}
inline Nanoseconds nanosecondsOf(Picoseconds t) {
    return std::chrono::duration_cast<Nanoseconds>(t);
}

}  // namespace rondo
