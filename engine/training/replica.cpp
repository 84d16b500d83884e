#include "engine/training/replica.h"

#include "engine/training/loss.h"

namespace rondo {

Replica::Replica(const ModelPlan& plan, std::uint64_t seed)
    : plan_(plan),
      weights_(initialWeights(plan_, seed)),
      gradients_(torch::zeros({plan_.parameters()})),
      tensors_(tensorsOver(plan_, weights_, gradients_)) {
    std::int64_t offset = 0;
    for (const torch::Tensor& tensor : tensors_) {
        parameters_.push_back({tensor, offset});
        offset += tensor.numel();
    }
}

torch::Tensor Replica::forward(const torch::Tensor& x) const {
    Flow flow{x};
    std::span<const torch::Tensor> tensors(tensors_);
    for (const LayerPlan& layer : plan_.layers)
        for (const OpPlan& op : layer.ops) {
            flow = apply(op, tensors.first(op.tensors.size()), flow);
            tensors = tensors.subspan(op.tensors.size());
        }
    return flow.front();
}

torch::Tensor Replica::lossSum(const torch::Tensor& outputs, const torch::Tensor& targets) const {
    return rondo::lossSum(plan_.loss, outputs, targets);
}

}  // namespace rondo
