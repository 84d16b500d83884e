#pragma once

#include <span>
#include <string>

#include "engine/core/result.h"
#include "engine/model/model_plan.h"

namespace rondo {

/// Writes all parameters as a .safetensors file ("fc1.weight", "fc1.bias", …; float32, little-endian), by way
/// of a temporary file: an existing one is replaced whole or not at all. Empty when it worked; weights that
/// are not the plan's are a problem.
Problems writeWeights(const std::string& file, const ModelPlan& plan, std::span<const float> weights);

}  // namespace rondo
