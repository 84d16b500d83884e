#pragma once

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
/// Rounded to the nearest picosecond.
inline Picoseconds picosecondsOf(double seconds) {
    return Picoseconds{static_cast<std::int64_t>(seconds * 1e12 + (seconds < 0 ? -0.5 : 0.5))};
}
inline Nanoseconds nanosecondsOf(Picoseconds t) {
    return std::chrono::duration_cast<Nanoseconds>(t);
}

}  // namespace rondo
