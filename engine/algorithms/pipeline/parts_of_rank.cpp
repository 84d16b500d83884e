#include "engine/algorithms/pipeline/parts_of_rank.h"

namespace rondo {

std::vector<ModelPart> partsOf(const ModelPlan& model, const StagePlan& plan, const MeshPlace& place) {
    std::vector<ModelPart> parts;
    for (int chunk = 0; chunk < plan.chunks(); ++chunk) {
        const LayerRange& range = plan.parts[static_cast<std::size_t>(plan.partOf(place.stage, chunk))];
        parts.push_back(partOf(model, range.first, range.end, plan.mesh.tensor, place.tensor));
    }
    return parts;
}

}  // namespace rondo
