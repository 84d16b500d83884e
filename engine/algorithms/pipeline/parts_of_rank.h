#pragma once

#include <vector>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/model/model_part.h"

namespace rondo {

/// What a rank holds of a model in parts, by chunk.
std::vector<ModelPart> partsOf(const ModelPlan& model, const StagePlan& plan, const MeshPlace& place);

}  // namespace rondo
