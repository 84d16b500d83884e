#pragma once

#include <cstdint>

#include "engine/run/checkpoint.h"

namespace rondo {

/// What keeps a run with these settings from going on at a checkpoint of a model with so many parameters,
/// each with the setting it is about and both values; empty: nothing. What may change: name, where it runs,
/// cluster, faults, stop conditions, evaluations, the learning rate and the like, and with them the curve;
/// the number of workers too where each has the whole model and its weights are everyone's (not gossip, not
/// a model in parts).
Problems resumeProblems(const Checkpoint& checkpoint, const RunSpec& spec, std::int64_t parameters);

}  // namespace rondo
