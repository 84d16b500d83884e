#include "engine/model/part_sums.h"

#include <algorithm>

namespace rondo {

PartSums partSums(const ModelPlan& part, bool wantsInputGradient, int firstLearning) {
    PartSums sums;
    bool wanted = wantsInputGradient;
    std::int64_t before = 0;
    for (int layer = 0; layer < static_cast<int>(part.layers.size()); ++layer)
        for (const OpPlan& op : part.layers[static_cast<std::size_t>(layer)].ops) {
            if (op.sumsForward) sums.forward.push_back(op.outputElements);
            if (op.sumsBackward && wanted) sums.backward.push_back(before);
            before = op.outputElements;
            wanted |= layer >= firstLearning && !op.tensors.empty();
        }
    std::reverse(sums.backward.begin(), sums.backward.end());
    return sums;
}

}  // namespace rondo
