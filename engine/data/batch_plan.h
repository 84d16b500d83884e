#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/ids.h"

namespace rondo {

/// The order in which an epoch visits the samples, drawn once for all ranks: a thousand of them share one
/// list. Thread: any.
class EpochOrders {
  public:
    using Order = std::shared_ptr<const std::vector<std::int64_t>>;
    EpochOrders(std::int64_t samples, std::uint64_t seed) : samples_(samples), seed_(seed) {}
    Order order(std::int64_t epoch);
    std::int64_t samples() const { return samples_; }

  private:
    const std::int64_t samples_;
    const std::uint64_t seed_;
    std::mutex mutex_;
    std::map<std::int64_t, Order> latest_;  // two epochs at most: a fast rank may be one ahead
};

/// Which samples a rank sees in which step. The order of an epoch depends on seed and epoch only, and rank r
/// takes the r-th slice of each global batch: at a given step the global batch is the same whatever the world
/// size. The last, smaller batch of an epoch is kept and shared out like any other, sizes differing by at
/// most one. Split `same` is a mistake to look at: every rank takes slice 0.
class BatchPlan {
  public:
    BatchPlan(EpochOrders& orders, std::int64_t batchPerRank, int ranks, const SplitSpec& split = IidSplit{});

    std::int64_t stepsPerEpoch() const { return stepsPerEpoch_; }
    std::int64_t epochOf(Step step) const { return step.value / stepsPerEpoch_; }

    struct Slice {
        std::span<const std::int64_t> samples;  ///< of this rank; valid until the next call. May be empty.
        std::int64_t globalBatch = 0;           ///< samples of all ranks together
        bool newEpoch = false;                  ///< the order was drawn anew for this call
    };
    Slice slice(Rank rank, Step step);

  private:
    EpochOrders& orders_;
    std::int64_t globalBatch_, stepsPerEpoch_;
    int ranks_;
    bool same_;
    std::int64_t epoch_ = -1;
    EpochOrders::Order order_;
};

}  // namespace rondo
