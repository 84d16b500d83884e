#pragma once

#include "engine/algorithms/predict.h"

namespace rondo {

/// What theory says of a whole run, from what it says of one without the warm-up of dgc, whose first epochs
/// send more: seconds and bytes are those of all steps, bytes of a step and the ratio their mean. What one
/// step takes stays that of a step after the warm-up.
Prediction withWarmUp(Prediction prediction, const RunSpec& spec, std::int64_t trainSamples,
                      const SampleShape& shape);

}  // namespace rondo
