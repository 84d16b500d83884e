#pragma once

#include "engine/algorithms/model_parallel.h"
#include "engine/algorithms/predict.h"

namespace rondo {

/// What theory says of a run whose model is in parts, in virtual time: its schedule played with the times of
/// its parts, and sums over tensor ranks and replicas between them on an idle network. Fills what steps take
/// and `parts` of the prediction; needs its steps and what is sent. A run that freezes layers on its way has
/// no seconds and no bubble predicted; what is sent is that of full batches, before anything is frozen.
void predictParts(Prediction& prediction, const RunSpec& spec, const ModelPlan& model,
                  const ModelParallel& algorithm);

}  // namespace rondo
