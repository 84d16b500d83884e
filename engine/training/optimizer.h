#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>

#include "engine/config/run_spec.h"
#include "engine/run/rank_state.h"

namespace rondo {

/// Changes weights by gradients, both flat ranges of equal length; a rank's whole model or a part of it.
/// Keeps its own state for that range. Formulas are LibTorch's (its own optimisers can't work on views of one
/// buffer). It is the same at all ranks that make the same updates.
class Optimizer {
  public:
    virtual ~Optimizer() = default;
    virtual void update(torch::Tensor& weights, const torch::Tensor& gradients) = 0;

    /// Adds what it remembers, under "NAME.…": one that restores it goes on to the same bits.
    virtual void save(RankState& into, const std::string& name = "optimizer") const = 0;
    /// Takes over what one of the same kind saved for a range of so many parameters; where it saved nothing,
    /// begins anew. Anything else is BadInput and leaves it as it was.
    virtual void restore(const RankState& from, std::int64_t parameters,
                         const std::string& name = "optimizer") = 0;
};

std::unique_ptr<Optimizer> makeOptimizer(const OptimizerSpec& spec);

}  // namespace rondo
