#pragma once

#include <span>
#include <vector>

#include "engine/model/model_plan.h"

namespace rondo {

/// The layers of a model that one rank holds, each tensor whole or the slice that is this rank's among those
/// that share a layer (Shoeybi et al. 2019, Megatron-LM).
///
/// Two linear operations that follow each other with nothing between them but what works on each value, or
/// on each head, by itself, and that are both in this part, are split as a pair: the first by its outputs
/// (columns), so that the gradient of its input is a sum over the ranks, the second by its inputs (rows), so
/// that its output is one; the second one's bias is added behind that sum. Everything else is whole on each
/// rank, and computed by each.
struct ModelPart {
    ModelPlan plan;  ///< of the part; `input` is that of the whole model
    int firstLayer = 0, endLayer = 0, layersOfModel = 0;
    int tensorRanks = 1, tensorRank = 0;

    bool first() const { return firstLayer == 0; }
    bool last() const { return endLayer == layersOfModel; }
    std::int64_t parameters() const { return plan.parameters(); }

    /// Copies this part out of the parameters of the whole model, or back into them; slices that several
    /// ranks hold are the same in each.
    void take(std::span<const float> whole, std::span<float> part) const;
    void put(std::span<const float> part, std::span<float> whole) const;

    /// Where a tensor of the part lies in the whole model: of `blocks` equally long stretches, the same
    /// piece of each.
    struct Slice {
        std::int64_t begin = 0;   ///< of the first piece, in the whole parameters
        std::int64_t blocks = 1;  ///< stretches
        std::int64_t stride = 0;  ///< from one to the next
        std::int64_t piece = 0;   ///< floats
    };
    std::vector<Slice> slices;  ///< of each tensor, in the plan's order
};

/// The layers [firstLayer, endLayer), as rank `tensorRank` of `tensorRanks` holds them. Throws BadInput when
/// the model can't be shared so: names what doesn't come out even, or that there is nothing to share.
ModelPart partOf(const ModelPlan& whole, int firstLayer, int endLayer, int tensorRanks = 1,
                 int tensorRank = 0);

}  // namespace rondo
