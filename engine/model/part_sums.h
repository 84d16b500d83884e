#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/model_part.h"

namespace rondo {

/// What ranks that share the layers of a part sum for each sample, in floats: outputs in the order of the
/// forward pass, gradients of inputs in the order of the backward pass. Nobody asks for the gradient of
/// samples, and where the model's first layers are frozen, for none that ends in them.
struct PartSums {
    std::vector<std::int64_t> forward, backward;
};
PartSums partSums(const ModelPlan& whole, const ModelPart& part, int frozenLayers = 0);

}  // namespace rondo
