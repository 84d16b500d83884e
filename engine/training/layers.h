#pragma once

#include <torch/torch.h>

#include <span>
#include <vector>

#include "engine/model/model_plan.h"

namespace rondo {

/// What flows between operations: the stream [B, …], and maybe a branch beside it.
using Flow = std::vector<torch::Tensor>;

/// One operation on what flows into it, with its tensors in the plan's order. No sum over ranks is taken
/// here: where the plan asks for one, the caller does it.
Flow apply(const OpPlan& op, std::span<const torch::Tensor> parameters, const Flow& in);

/// The tensors of an operation as LibTorch's layers start, drawn from its global generator; none of them
/// asks for gradients.
std::vector<torch::Tensor> initialTensors(const OpPlan& op);

/// All parameters of a model, one behind the other, drawn from a seed: equal seeds, equal bits. Takes a
/// process-wide lock, since LibTorch's generator is global.
torch::Tensor initialWeights(const ModelPlan& plan, std::uint64_t seed);

/// The tensors of a plan as views of two flat buffers of its size, asking for gradients.
std::vector<torch::Tensor> tensorsOver(const ModelPlan& plan, const torch::Tensor& weights,
                                       const torch::Tensor& gradients);

}  // namespace rondo
