#pragma once

#include <QString>

#include "engine/config/run_spec.h"
#include "engine/events/event.h"

namespace rondo::ui {

/// What is to be seen of it, in a word or two, for a badge: "×4 slower", "paused", "gone", "cut".
QString faultBadge(FaultKind kind, double factor);
/// With who it is: "worker 2 ×4 slower", "link 2–3 cut".
QString faultName(const FaultHappened& fault, int workers);
/// The same of one that is to come.
QString faultName(const FaultSpec& fault, int workers);
/// The name, when and how long: "worker 2 ×4 slower\nfrom 1.2 s on, for 300 ms (its step 14)".
QString faultTip(const FaultHappened& fault, int workers);

/// What the algorithm makes of such a fault, as its header states it: "synchronous: all wait for it".
/// `lasts`: it is not for good.
QString whatFollows(const RunSpec& spec, FaultKind kind, bool lasts);
QString whatFollows(const RunSpec& spec, const FaultHappened& fault);

}  // namespace rondo::ui
