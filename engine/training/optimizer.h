#pragma once

#include <torch/torch.h>

#include <memory>

#include "engine/config/run_spec.h"

namespace rondo {

/// Changes weights by gradients, both flat ranges of equal length; a rank's whole model or a part of it.
/// Keeps its own state for that range. Formulas are LibTorch's (its own optimisers can't work on views of one
/// buffer).
class Optimizer {
  public:
    virtual ~Optimizer() = default;
    virtual void update(torch::Tensor& weights, const torch::Tensor& gradients) = 0;
};

std::unique_ptr<Optimizer> makeOptimizer(const OptimizerSpec& spec);

}  // namespace rondo
