#pragma once

#include <QString>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/events/event.h"
#include "ui/store/link_id.h"

namespace rondo::ui {

/// When a fault was felt, in run seconds: from `begin` to before `end`, which is infinite where it was for
/// good. `fault`: its place among those of the run.
struct FaultTime {
    double begin = 0, end = 0;
    std::size_t fault = 0;
};
/// In order of their beginnings; the run tells of them when a worker comes to a step border, which may be
/// another order.
std::vector<FaultTime> timesOf(std::span<const FaultHappened> faults);

bool isOfLink(FaultKind kind);
bool activeAt(const FaultHappened& fault, double seconds);
/// A fault of the link between these two, either way.
bool strikes(const FaultHappened& fault, LinkId link);
/// A fault of this worker, not of its links.
bool strikes(const FaultHappened& fault, int rank);
/// The worker has left the run by then.
bool isGone(std::span<const FaultHappened> faults, int rank, double seconds);

}  // namespace rondo::ui
