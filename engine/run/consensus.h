#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace rondo {

/// What many workers' weights have in common.
struct Consensus {
    std::vector<float> mean;
    double distance = 0;  ///< root of the mean square distance of a worker's weights from the mean
};

/// Puts the weights of all workers after a step together, without keeping a copy of each: sums only, in
/// double, so that distances down to 10⁻⁷ of the weights' own length are told. Thread: any. Memory: 8 bytes a
/// parameter and step that not all have brought theirs of yet.
class ConsensusMeter {
  public:
    explicit ConsensusMeter(int workers) : workers_(workers) {}
    /// Adds one worker's weights after that step; the last one gets the outcome.
    std::optional<Consensus> add(std::int64_t step, std::span<const float> weights);

  private:
    struct Sums {
        std::vector<double> weights;
        double squares = 0;
        int workers = 0;
    };
    const int workers_;
    std::mutex mutex_;
    std::map<std::int64_t, Sums> open_;  ///< by step
};

}  // namespace rondo
