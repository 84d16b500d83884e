#pragma once

#include <torch/torch.h>

#include <span>
#include <vector>

#include "engine/training/layers.h"

namespace rondo {

/// One rank's copy of a model. All weights lie in one buffer and all gradients in another, both P floats in
/// the plan's order, so a bucket, a chunk or a server's shard is a range; the tensors LibTorch works on are
/// views of them.
///
/// Thread: belongs to one rank; making one takes a process-wide lock, since LibTorch's generator is global.
class Replica {
  public:
    /// Layers start as LibTorch's defaults, drawn from the seed: equal seeds, equal bits.
    Replica(const ModelPlan& plan, std::uint64_t seed);
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;

    /// x: [B, F] or [B, C, H, W] as the plan's input says; gives logits, or what stands for one-hot labels,
    /// [B, classes]; of a sequence, [B, T, classes].
    torch::Tensor forward(const torch::Tensor& x) const;

    /// Sum of the losses of the samples, from what forward() gave; targets: [B] or [B, T], see loss.h.
    torch::Tensor lossSum(const torch::Tensor& outputs, const torch::Tensor& targets) const;

    const ModelPlan& plan() const { return plan_; }
    torch::Tensor& flatWeights() { return weights_; }
    torch::Tensor& flatGradients() { return gradients_; }
    std::span<float> weights() { return spanOf(weights_); }
    std::span<float> gradients() { return spanOf(gradients_); }

    /// The tensors in the plan's order; offset of each in the flat buffers.
    struct Parameter {
        torch::Tensor tensor;
        std::int64_t offset = 0;
    };
    const std::vector<Parameter>& parameters() const { return parameters_; }

  private:
    static std::span<float> spanOf(torch::Tensor& t) {
        return {t.data_ptr<float>(), static_cast<std::size_t>(t.numel())};
    }
    ModelPlan plan_;
    torch::Tensor weights_, gradients_;
    std::vector<torch::Tensor> tensors_;
    std::vector<Parameter> parameters_;
};

}  // namespace rondo
