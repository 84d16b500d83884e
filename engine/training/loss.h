#pragma once

#include <torch/torch.h>

#include "engine/model/model_plan.h"

namespace rondo {

/// Sum over the samples of the mean loss over a sample's counted positions (of those with a label
/// other than kNotCounted). outputs: [B, classes] and targets [B], or [B, T, classes] and [B, T].
torch::Tensor lossSum(ModelPlan::Loss loss, const torch::Tensor& outputs, const torch::Tensor& targets);

/// Sum over the samples of the share of a sample's counted positions where the largest output is right.
double rightAnswers(const torch::Tensor& outputs, const torch::Tensor& targets);

}  // namespace rondo
