#include <charconv>
#include <cmath>

#include "engine/config/spec_visitor.h"

namespace rondo {

namespace {
std::string plain(double value) {
    char text[32];
    const bool small = std::abs(value) < 1e12 && (value == 0 || std::abs(value) > 1e-9);
    const auto end = small ? std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr
                           : std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
}
}  // namespace

bool allows(const IntegerLimits& limits, std::int64_t value) {
    return value >= limits.low && value <= limits.high;
}

bool allows(const RealLimits& limits, double value) {
    if (!std::isfinite(value)) return false;
    return (limits.aboveLow ? value > limits.low : value >= limits.low) &&
           (limits.belowHigh ? value < limits.high : value <= limits.high);
}

std::string wordsFor(const IntegerLimits& limits) {
    const bool low = limits.low != std::numeric_limits<std::int64_t>::min();
    const bool high = limits.high != std::numeric_limits<std::int64_t>::max();
    if (low && high) return std::to_string(limits.low) + " to " + std::to_string(limits.high);
    if (low) return std::to_string(limits.low) + " or more";
    if (high) return std::to_string(limits.high) + " or less";
    return "a whole number";
}

std::string wordsFor(const RealLimits& limits) {
    const bool low = std::isfinite(limits.low), high = std::isfinite(limits.high);
    const std::string from = (limits.aboveLow ? "more than " : "") + plain(limits.low);
    if (low && high && limits.belowHigh)
        return from + (limits.aboveLow ? "" : " or more") + " and less than " + plain(limits.high);
    if (low && high) return from + (limits.aboveLow ? ", at most " : " to ") + plain(limits.high);
    if (low) return limits.aboveLow ? from : from + " or more";
    if (high) return limits.belowHigh ? "less than " + plain(limits.high) : plain(limits.high) + " or less";
    return "a number";
}

}  // namespace rondo
