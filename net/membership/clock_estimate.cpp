#include "net/membership/clock_estimate.h"

#include <algorithm>
#include <chrono>

namespace rondo::net {
namespace {

constexpr Nanoseconds kLongestTrip = std::chrono::seconds(10);
/// Half of what the type holds: differences of two such times never overflow.
constexpr std::int64_t kLargest = INT64_MAX / 4;

bool possible(Nanoseconds t) {
    return t.count() >= -kLargest && t.count() <= kLargest;
}

}  // namespace

bool ClockEstimate::add(const ClockExchange& e) {
    if (!possible(e.sent) || !possible(e.arrived) || !possible(e.answered) || !possible(e.back)) return false;
    if (e.back < e.sent || e.answered < e.arrived) return false;
    const Nanoseconds roundTrip = (e.back - e.sent) - (e.answered - e.arrived);
    if (roundTrip < Nanoseconds{0} || roundTrip > kLongestTrip) return false;
    samples_[next_] = {((e.arrived - e.sent) + (e.answered - e.back)) / 2, roundTrip};
    next_ = (next_ + 1) % kKept;
    kept_ = std::min(kept_ + 1, kKept);
    return true;
}

const ClockEstimate::Sample& ClockEstimate::best() const {
    return *std::min_element(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(kept_),
                             [](const Sample& a, const Sample& b) { return a.roundTrip < b.roundTrip; });
}

Nanoseconds ClockEstimate::offset() const {
    return known() ? best().offset : Nanoseconds{0};
}

Nanoseconds ClockEstimate::uncertainty() const {
    return known() ? (best().roundTrip + Nanoseconds{1}) / 2 : Nanoseconds{0};
}

Nanoseconds ClockEstimate::roundTrip() const {
    return known() ? samples_[(next_ + kKept - 1) % kKept].roundTrip : Nanoseconds{0};
}

}  // namespace rondo::net
