#pragma once

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/model/part_sums.h"

namespace rondo {

/// A model in parts: pipeline (GPipe, Huang et al. 2019; 1F1B and PipeDream, Narayanan et al. 2019, 2021;
/// zero bubble, Qi et al. 2023), tensor (Megatron, Shoeybi et al. 2019), and replicas of both together.
/// Activations go up and their gradients down as messages, a message for each micro-batch and cut; ranks that
/// share a layer sum their parts twice a block, forward and backward; replicas sum their gradients at the end
/// of a step. Every schedule that ends a batch before its update gives the weights of the model in one piece.
///
/// Steps follow each other without a barrier: a stage begins the next as soon as its own list is done.
class ModelParallel final : public Algorithm {
  public:
    ModelParallel(const RunSpec& spec, const ModelPlan& model);
    void train(Worker& worker) const override;
    std::vector<DirectedLink> links(std::size_t most) const override;
    std::string picture() const override;
    std::string formula() const override;
    std::int64_t bytesSent(std::span<const BucketRange>, Rank rank, int workers) const override;
    std::int64_t messages(std::span<const BucketRange>, int workers) const override;
    /// 0: what is exchanged is part of the schedule.
    double exchangeSeconds(const BucketRange&, const NetworkTerms&) const override { return 0; }
    bool overlaps() const override { return false; }
    int roundsPerStep() const override { return 1; }

    const StagePlan& plan() const { return plan_; }
    /// What one part of the model has its ranks send.
    struct PartTraffic {
        std::int64_t cutElements = 0;  ///< floats of a sample behind it
        PartSums sums;                 ///< over its tensor ranks
        std::int64_t parameters = 0;   ///< of one tensor rank
    };
    const PartTraffic& traffic(int part) const { return parts_[static_cast<std::size_t>(part)]; }

  private:
    void trainBatchByBatch(Worker& worker) const;
    void trainWithoutFlush(Worker& worker) const;
    void sumOverReplicas(Worker& worker, Step step) const;
    template <class Each>
    void eachSum(int stage, Each&& each) const;

    StagePlan plan_;
    int batch_;
    std::vector<PartTraffic> parts_;
};

}  // namespace rondo
