#pragma once

#include <memory>
#include <vector>

#include "engine/algorithms/server.h"
#include "engine/training/torch_worker.h"

namespace rondo {

/// The server of one rank: a shard of the weights, updated by LibTorch, charged or measured by the runtime.
class TorchServer final : public Server {
  public:
    TorchServer(SharedRun& shared, Rank rank);
    ~TorchServer() override;

    int index() const override { return rank_.value - workers(); }
    int servers() const override { return shared_.runtime.worldSize() - workers(); }
    int workers() const override { return static_cast<int>(shared_.spec.workers); }
    Values weights() override;
    void await(FunctionRef<void(Communicator&)> receive) override;
    void answer(FunctionRef<void(Communicator&)> send) override;
    void update(std::span<const float> gradient) override;
    void noteStaleness(Rank worker, std::int64_t updates) override;
    void noteClockSpread(std::int64_t most) override { clockSpread_ = most; }

    /// What decides how it goes on, and going on from there: as of TorchWorker.
    RankState state(bool floats) const;
    void restore(const RankState& state);

    LaneRecorder& lane() { return lane_; }
    /// How many gradients were so many updates old.
    const std::vector<std::int64_t>& staleness() const { return staleness_; }
    std::int64_t clockSpread() const { return clockSpread_; }

  private:
    Communicator& communicator() { return shared_.runtime.communicator(rank_, Lane::Compute); }
    SharedRun& shared_;
    const Rank rank_;
    EventSequence sequence_;
    LaneRecorder lane_;
    std::unique_ptr<Optimizer> optimizer_;
    torch::Tensor weights_;  ///< undefined with modelled weights
    std::size_t elements_ = 0;
    std::vector<std::int64_t> staleness_;
    std::int64_t clockSpread_ = 0;
};

}  // namespace rondo
