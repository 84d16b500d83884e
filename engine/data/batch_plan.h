#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/ids.h"
#include "engine/run/rank_state.h"

namespace rondo {

/// A run of two thousand million steps lasts weeks; more than that ends there.
inline constexpr std::int64_t kMostSteps = 2'000'000'000;

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
///
/// A world that takes a run over begins where the one before ended: with what is left of that epoch, then
/// whole ones. However often the number of ranks changes, an epoch uses each sample once.
class BatchPlan {
  public:
    struct Start {
        Step step;        ///< the first of this plan
        DataPlace place;  ///< before that step
    };
    /// A place outside of the data is BadInput.
    BatchPlan(EpochOrders& orders, std::int64_t batchPerRank, int ranks, const SplitSpec& split = IidSplit{},
              const Start& start = {Step{0}, {}});

    std::int64_t stepsPerEpoch() const { return stepsPerEpoch_; }  ///< of a whole one
    std::int64_t epochOf(Step step) const { return at(step).epoch; }
    /// What of the data is used once that step is done; a finished epoch is the beginning of the next.
    DataPlace placeAfter(Step step) const;
    /// After how many steps, those before this plan counted too, so many epochs are over. An epoch that was
    /// over before takes no steps. At most kMostSteps.
    std::int64_t stepsUntil(std::int64_t epochs) const;

    struct Slice {
        std::span<const std::int64_t> samples;  ///< of this rank; valid until the next call. May be empty.
        std::int64_t globalBatch = 0;           ///< samples of all ranks together
        bool newEpoch = false;                  ///< the order was drawn anew for this call
    };
    /// Of a step of this plan.
    Slice slice(Rank rank, Step step);

  private:
    struct GlobalBatch {
        std::int64_t epoch = 0, begin = 0, count = 0;
    };
    GlobalBatch at(Step step) const;
    std::int64_t stepsFor(std::int64_t samples) const;

    EpochOrders& orders_;
    std::int64_t globalBatch_, stepsPerEpoch_;
    int ranks_;
    bool same_;
    Start start_;
    std::int64_t startSteps_;  ///< of the epoch it starts in
    std::int64_t epoch_ = -1;
    EpochOrders::Order order_;
};

}  // namespace rondo
