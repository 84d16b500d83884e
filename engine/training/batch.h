#pragma once

#include <torch/torch.h>

#include <span>

#include "engine/data/dataset.h"

namespace rondo {

/// Samples as LibTorch takes them.
struct Batch {
    torch::Tensor inputs;   ///< [B, …] as the samples' shape says, floats
    torch::Tensor targets;  ///< [B], of sequences [B, T]
};
Batch batchOf(const Samples& samples, std::span<const std::int64_t> chosen);

}  // namespace rondo
