#include "engine/model/part_sums.h"

#include <algorithm>

namespace rondo {

PartSums partSums(const ModelPlan& whole, const ModelPart& part, int frozenLayers) {
    PartSums sums;
    bool wanted = part.firstLayer > frozenLayers;  // the gradient of what flows into an operation
    std::int64_t before =
        part.first() ? 0 : whole.layers[static_cast<std::size_t>(part.firstLayer - 1)].outputElements();
    int layer = part.firstLayer;
    for (const LayerPlan& planned : part.plan.layers) {
        const bool learns = layer++ >= frozenLayers;
        for (const OpPlan& op : planned.ops) {
            if (op.sumsForward) sums.forward.push_back(op.outputElements);
            if (op.sumsBackward && wanted) sums.backward.push_back(before);
            before = op.outputElements;
            wanted |= learns && !op.tensors.empty();
        }
    }
    std::reverse(sums.backward.begin(), sums.backward.end());
    return sums;
}

}  // namespace rondo
