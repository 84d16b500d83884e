#include "engine/run/consensus.h"

#include <algorithm>
#include <cmath>

namespace rondo {

std::optional<Consensus> ConsensusMeter::add(std::int64_t step, std::span<const float> weights) {
    const std::lock_guard lock(mutex_);
    Sums& sums = open_[step];
    sums.weights.resize(weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const double value = weights[i];
        sums.weights[i] += value;
        sums.squares += value * value;
    }
    if (++sums.workers < workers_) return std::nullopt;
    const double n = workers_;
    Consensus consensus;
    consensus.mean.reserve(weights.size());
    double meanSquares = 0;
    for (const double sum : sums.weights) {
        consensus.mean.push_back(static_cast<float>(sum / n));
        meanSquares += sum / n * (sum / n);
    }
    // Rounding may leave a little less than nothing.
    consensus.distance = std::sqrt(std::max(0.0, sums.squares / n - meanSquares));
    open_.erase(step);
    return consensus;
}

}  // namespace rondo
