#include "ui/store/fault_times.h"

#include <algorithm>
#include <limits>

namespace rondo::ui {

namespace {

double endOf(const FaultHappened& fault) {
    // Who was killed does not come back, whatever a stream says.
    return fault.kind == FaultKind::Kill ? std::numeric_limits<double>::infinity()
                                         : secondsOf(fault.stamp.at) + std::max(0.0, fault.seconds);
}

}  // namespace

std::vector<FaultTime> timesOf(std::span<const FaultHappened> faults) {
    std::vector<FaultTime> times;
    for (std::size_t i = 0; i < faults.size(); ++i)
        times.push_back({secondsOf(faults[i].stamp.at), endOf(faults[i]), i});
    std::stable_sort(times.begin(), times.end(),
                     [](const FaultTime& a, const FaultTime& b) { return a.begin < b.begin; });
    return times;
}

bool isOfLink(FaultKind kind) {
    return kind == FaultKind::CutLink || kind == FaultKind::DegradeLink;
}

bool activeAt(const FaultHappened& fault, double seconds) {
    return secondsOf(fault.stamp.at) <= seconds && seconds < endOf(fault);
}

bool strikes(const FaultHappened& fault, LinkId link) {
    const int a = fault.stamp.rank.value, b = fault.peer.value;
    return isOfLink(fault.kind) && ((a == link.from && b == link.to) || (a == link.to && b == link.from));
}

bool strikes(const FaultHappened& fault, int rank) {
    return !isOfLink(fault.kind) && fault.stamp.rank.value == rank;
}

bool isGone(std::span<const FaultHappened> faults, int rank, double seconds) {
    return std::any_of(faults.begin(), faults.end(), [&](const FaultHappened& fault) {
        return fault.kind == FaultKind::Kill && strikes(fault, rank) && activeAt(fault, seconds);
    });
}

}  // namespace rondo::ui
