#include "engine/data/batch_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

#include "engine/core/random.h"
#include "engine/core/result.h"

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

BatchPlan::BatchPlan(EpochOrders& orders, std::int64_t batchPerRank, int ranks, const SplitSpec& split,
                     const Start& start)
    : orders_(orders),
      globalBatch_(batchPerRank * ranks),
      stepsPerEpoch_(stepsFor(orders.samples())),
      ranks_(ranks),
      same_(std::holds_alternative<SameSplit>(split)),
      start_(start) {
    // Epochs are numbered in 32 bits wherever they are told.
    const auto [epoch, used] = start.place;
    if (start.step.value < 0 || epoch < 0 || epoch > std::numeric_limits<std::int32_t>::max() || used < 0 ||
        used > orders.samples())
        throw BadInput(Problem{"place in the data", "step " + std::to_string(start.step.value) + ", epoch " +
                                                        std::to_string(epoch) + " after " +
                                                        std::to_string(used) + " of " +
                                                        std::to_string(orders.samples()) + " samples"});
    if (used > 0 && used == orders.samples()) start_.place = {epoch + 1, 0};
    startSteps_ = stepsFor(orders.samples() - start_.place.used);
}

std::int64_t BatchPlan::stepsFor(std::int64_t samples) const {
    return (samples + globalBatch_ - 1) / globalBatch_;
}

BatchPlan::GlobalBatch BatchPlan::at(Step step) const {
    GlobalBatch batch{start_.place.epoch, start_.place.used, 0};
    std::int64_t within = std::max(0, step.value - start_.step.value);
    if (within >= startSteps_) {
        within -= startSteps_;
        batch = {batch.epoch + 1 + within / stepsPerEpoch_, 0, 0};
        within %= stepsPerEpoch_;
    }
    batch.begin += within * globalBatch_;
    batch.count = std::min(globalBatch_, orders_.samples() - batch.begin);
    return batch;
}

DataPlace BatchPlan::placeAfter(Step step) const {
    if (step < start_.step) return start_.place;
    const GlobalBatch batch = at(step);
    const std::int64_t used = batch.begin + batch.count;
    return used == orders_.samples() ? DataPlace{batch.epoch + 1, 0} : DataPlace{batch.epoch, used};
}

std::int64_t BatchPlan::stepsUntil(std::int64_t epochs) const {
    if (epochs <= start_.place.epoch) return start_.step.value;
    const std::int64_t whole = epochs - start_.place.epoch - 1;
    if (whole > kMostSteps / stepsPerEpoch_) return kMostSteps;
    return std::min(kMostSteps, start_.step.value + startSteps_ + whole * stepsPerEpoch_);
}

BatchPlan::Slice BatchPlan::slice(Rank rank, Step step) {
    const auto [epoch, begin, count] = at(step);
    const bool newEpoch = epoch != epoch_;
    if (newEpoch) {
        order_ = orders_.order(epoch);
        epoch_ = epoch;
    }
    const std::int64_t each = count / ranks_, extra = count % ranks_;
    const std::int64_t place = same_ ? 0 : rank.value;
    const std::int64_t first = begin + place * each + std::min<std::int64_t>(place, extra);
    const std::int64_t size = each + (place < extra ? 1 : 0);
    return {std::span(*order_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size)),
            same_ ? size * ranks_ : count, newEpoch};
}

}  // namespace rondo
