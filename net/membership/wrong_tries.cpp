#include "net/membership/wrong_tries.h"

#include <algorithm>

namespace rondo::net {
namespace {

constexpr std::chrono::minutes kForgiven{1};

/// Who has one IPv6 address has 2⁶⁴ of them: the network counts, its first four groups.
std::string_view networkOf(std::string_view address) {
    if (address.find(':') == std::string_view::npos) return address;
    std::size_t end = 0;
    for (int groups = 0; groups < 4; ++groups) {
        const std::size_t colon = address.find(':', end);
        // "::" before the fourth group: what stands before it is all of the network.
        if (colon == std::string_view::npos || address.substr(colon, 2) == "::")
            return address.substr(0, colon);
        end = colon + 1;
    }
    return address.substr(0, end - 1);
}

}  // namespace

WrongTries::Clock::duration WrongTries::delay(std::string_view address, Clock::time_point now) {
    const std::string_view network = networkOf(address);
    auto found = tries_.find(network);
    if (found == tries_.end()) {
        if (tries_.size() >= kMostAddresses) forget(now);
        found = tries_.emplace(std::string(network), Tries{first_, now}).first;
    }
    Tries& tries = found->second;
    if (now - tries.last > kForgiven) tries.next = first_;
    tries.last = now;
    const auto delay = tries.next;
    tries.next = std::min(2 * tries.next, most_);
    return delay;
}

void WrongTries::forget(Clock::time_point now) {
    std::erase_if(tries_, [&](const auto& entry) { return now - entry.second.last > kForgiven; });
    if (tries_.size() < kMostAddresses) return;
    const auto oldest = std::min_element(tries_.begin(), tries_.end(), [](const auto& a, const auto& b) {
        return a.second.last < b.second.last;
    });
    tries_.erase(oldest);
}

}  // namespace rondo::net
