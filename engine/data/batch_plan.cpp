#include "engine/data/batch_plan.h"

#include <algorithm>
#include <numeric>

#include "engine/core/random.h"

namespace rondo {

EpochOrders::Order EpochOrders::order(std::int64_t epoch) {
    const std::lock_guard lock(mutex_);
    Order& order = latest_[epoch];
    if (!order) {
        auto drawn = std::make_shared<std::vector<std::int64_t>>(static_cast<std::size_t>(samples_));
        std::iota(drawn->begin(), drawn->end(), std::int64_t{0});
        Random random(seedFor(seed_, "epoch", static_cast<std::uint64_t>(epoch)));
        random.shuffle(std::span(*drawn));
        order = std::move(drawn);
    }
    const Order result = order;
    while (latest_.size() > 2) latest_.erase(latest_.begin());
    return result;
}

BatchPlan::BatchPlan(EpochOrders& orders, std::int64_t batchPerRank, int ranks, const SplitSpec& split)
    : orders_(orders),
      globalBatch_(batchPerRank * ranks),
      stepsPerEpoch_((orders.samples() + globalBatch_ - 1) / globalBatch_),
      ranks_(ranks),
      same_(std::holds_alternative<SameSplit>(split)) {}

BatchPlan::Slice BatchPlan::slice(Rank rank, Step step) {
    const std::int64_t epoch = epochOf(step);
    const bool newEpoch = epoch != epoch_;
    if (newEpoch) {
        order_ = orders_.order(epoch);
        epoch_ = epoch;
    }
    const std::int64_t begin = (step.value % stepsPerEpoch_) * globalBatch_;
    const std::int64_t count = std::min(globalBatch_, orders_.samples() - begin);
    const std::int64_t each = count / ranks_, extra = count % ranks_;
    const std::int64_t place = same_ ? 0 : rank.value;
    const std::int64_t first = begin + place * each + std::min<std::int64_t>(place, extra);
    const std::int64_t size = each + (place < extra ? 1 : 0);
    return {std::span(*order_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size)),
            same_ ? size * ranks_ : count, newEpoch};
}

}  // namespace rondo
