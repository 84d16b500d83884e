#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/model_plan.h"

namespace rondo {

/// What ranks that share the layers of a part sum for each sample, in floats: outputs in the order of the
/// forward pass, gradients of inputs in the order of the backward pass. Nobody asks for the gradient of what
/// comes before the first operation that learns, of layers from `firstLearning` on, unless
/// `wantsInputGradient`.
struct PartSums {
    std::vector<std::int64_t> forward, backward;
};
PartSums partSums(const ModelPlan& part, bool wantsInputGradient, int firstLearning = 0);

}  // namespace rondo
