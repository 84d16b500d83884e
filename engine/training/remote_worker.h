#pragma once

#include <memory>
#include <vector>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/model/model_part.h"
#include "engine/training/overseen.h"

namespace rondo {

/// A worker in another process, as far as it has told of itself.
class RemoteWorker final : public Overseen {
  public:
    /// `plan`: where the model is in parts; null otherwise.
    RemoteWorker(Rank rank, const RunSpec& spec, const ModelPlan& model, const StagePlan* plan);

    void told(Nanoseconds firstBegan, Nanoseconds ended) {
        firstBegan_ = firstBegan;
        ended_ = ended;
    }
    /// Its weights, or those of its parts. BadInput when they are not as many as it has.
    void brings(std::vector<float> weights);

    Rank rank() const override { return rank_; }
    Picoseconds firstStepBegan() const override { return firstBegan_; }
    Picoseconds lastStepEnded() const override { return ended_; }
    const Replica* model() override;
    std::span<const float> ownWeights() override { return weights_; }
    void putPart(std::span<float> whole) override;
    void evaluating(FunctionRef<void()> work) override { work(); }

  private:
    const Rank rank_;
    const RunSpec& spec_;
    const ModelPlan& plan_;
    std::vector<ModelPart> parts_;  ///< of a model in parts, by chunk
    std::int64_t expected_ = 0;
    Nanoseconds firstBegan_{0}, ended_{0};
    std::vector<float> weights_;
    std::unique_ptr<Replica> replica_;
};

}  // namespace rondo
