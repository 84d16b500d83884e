#include "engine/run/whole_weights.h"

#include <utility>

namespace rondo {

std::optional<std::vector<float>> WholeWeights::add(std::int64_t step,
                                                    FunctionRef<void(std::span<float>)> put) {
    const std::lock_guard lock(mutex_);
    Open& open = open_[step];
    open.weights.resize(static_cast<std::size_t>(parameters_));
    put(open.weights);
    if (++open.brought < ranks_) return std::nullopt;
    std::vector<float> whole = std::move(open.weights);
    open_.erase(step);
    return whole;
}

}  // namespace rondo
