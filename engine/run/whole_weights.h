#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/function_ref.h"

namespace rondo {

/// Puts the parts of the model that ranks hold together, as they are after a step. Thread: any. Memory: a
/// model for each step that not all have brought their part of.
class WholeWeights {
  public:
    WholeWeights(int ranks, std::int64_t parameters) : ranks_(ranks), parameters_(parameters) {}
    /// `put` writes one rank's part where it belongs; the last one gets the whole.
    std::optional<std::vector<float>> add(std::int64_t step, FunctionRef<void(std::span<float>)> put);

  private:
    struct Open {
        std::vector<float> weights;
        int brought = 0;
    };
    const int ranks_;
    const std::int64_t parameters_;
    std::mutex mutex_;
    std::map<std::int64_t, Open> open_;
};

}  // namespace rondo
