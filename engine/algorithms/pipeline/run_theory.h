#pragma once

#include <optional>

#include "engine/algorithms/pipeline/pipeline_theory.h"
#include "engine/config/run_spec.h"

namespace rondo {

/// The published bubble of the schedule a run's settings name, as if its stages were alike (each pass takes
/// what it takes on average over them) and messages took no time. Empty where nothing is published (an order
/// by hand), where the form doesn't hold (layers that freeze on the way, zero bubble with few micro-batches),
/// and where batches aren't flushed: there the form is that of a whole run, which no step has.
/// Only settings that passed validation.
std::optional<ClosedForm> bubbleTheory(const RunSpec& spec);

}  // namespace rondo
