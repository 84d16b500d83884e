#pragma once

#include "engine/config/run_spec.h"

namespace rondo::ui {

/// The same training by one worker alone: in every step it sees the samples all workers would have seen
/// together, so that what is left to differ is the algorithm. Rounds become steps, exceptions of the cluster,
/// faults and compression go; typed-in times of a batch grow with it.
RunSpec referenceOf(const RunSpec& spec);
/// It is one worker alone already.
bool isReference(const RunSpec& spec);

}  // namespace rondo::ui
