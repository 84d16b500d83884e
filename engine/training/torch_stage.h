#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/algorithms/stage.h"
#include "engine/model/learning_ranges.h"
#include "engine/model/part_sums.h"
#include "engine/run/bubble_meter.h"
#include "engine/run/lane_recorder.h"
#include "engine/training/batch.h"
#include "engine/training/split_backward.h"
#include "engine/training/stage_weights.h"

namespace rondo {

/// What the ranks of a run whose model is in parts share beside the rest; outlives them all.
struct SharedParts {
    const StagePlan& plan;
    const PartCosts& costs;
    std::span<const float> initial;  ///< weights of the whole model; empty when modelled
    StageBook& bubbles;
};

/// The parts of a model that one rank holds, by LibTorch; with modelled weights time and bytes only.
class TorchStage final : public Stage {
  public:
    /// `charge` lets modelled time pass for a computation that began at a time.
    TorchStage(const RunSpec& spec, const ModelPlan& model, const SharedParts& shared, Rank rank,
               Runtime& runtime, LaneRecorder& lane,
               std::function<void(Picoseconds begin, Picoseconds modelled)> charge);

    /// A step's batch is there: `samples` of `globalBatch`; tensors only where the stage has use for them.
    void begin(Step step, std::int64_t samples, std::int64_t globalBatch, Batch batch);
    bool takesSamples() const { return place_.stage == 0; }
    bool takesTargets() const { return place_.stage == shared_.plan.stageOf(lastPart()); }
    /// A step is over: what was kept of those before it can go.
    struct Told {
        double lossSum = 0;
        std::int64_t samples = 0;  ///< 0 where another rank tells of the loss
    };
    Told end(Step step);

    Values input(const StageOp& op) override;
    Values output(const StageOp& op) override;
    Values outputGradient(const StageOp& op) override;
    Values inputGradient(const StageOp& op) override;
    void compute(const StageOp& op, FunctionRef<void(Values)> sum) override;
    std::vector<Values> learning(Step step) override;
    void update(Step step) override;

    Values values();  ///< the weights it holds
    Values gradients();
    /// Writes its weights where they belong in those of the whole model.
    void put(std::span<float> whole) const;

    /// Adds its weights as its latest update left them, and all they depend on; not what is under way.
    void save(RankState& into) const;
    /// Takes over what the same stage saved, before its first step. After BadInput it isn't to be used any
    /// more.
    void restore(const RankState& from);

    const MeshPlace& place() const { return place_; }
    double peakActivations() const { return peakActivations_; }
    std::int64_t weightVersions() const { return peakVersions_; }
    std::int64_t weightDelay() const { return delay_; }

  private:
    struct OpenBatch {
        std::int64_t samples = 0, globalBatch = 0;
        Batch batch;
        double lossSum = 0;
        std::optional<Picoseconds> firstStart;  ///< of its passes
        Picoseconds lastEnd{0};
    };
    /// A micro-batch on one part, from its forward pass until nobody needs what it sent.
    struct Micro {
        std::int64_t samples = 0;
        torch::Tensor input, output, outputGradient, inputGradient;
        torch::Tensor loss;  ///< on the last part, and the output it was made from
        std::optional<SplitBackward> graph;
        StageWeights::Held weights;
        std::int64_t version = 0;  ///< of the weights: updates made before it
        bool underWay = false;
    };
    using Key = std::tuple<std::int32_t, std::int32_t, std::int32_t>;  // step, micro-batch, chunk
    /// Computation of a pass that sums may interrupt: spans and time in pieces.
    class Pieces;

    int lastPart() const { return static_cast<int>(shared_.plan.parts.size()) - 1; }
    int partOf(const StageOp& op) const { return shared_.plan.partOf(place_.stage, op.op.chunk); }
    Micro& microOf(const StageOp& op);
    std::int64_t samplesOf(const StageOp& op) const;
    std::int64_t elementsBehind(int part) const;
    Values valuesOf(torch::Tensor& tensor, std::int64_t samples, int cut);
    void forward(const StageOp& op, Micro& micro, Phase phase, FunctionRef<void(Values)> sum, bool keep);
    void backward(const StageOp& op, Micro& micro, FunctionRef<void(Values)> sum);
    void weightGradients(const StageOp& op, Micro& micro);
    static void sumCounted(Pieces& pieces, std::span<const std::int64_t> sums, std::int64_t samples,
                           FunctionRef<void(Values)> sum);
    void release(Micro& micro);
    bool wantsInputGradient(const StageOp& op) const;
    bool learns(const StageOp& op) const;
    PartCosts::Passes costsOf(const StageOp& op, const Micro& micro) const;
    StageWeights::Held weightsFor(Step step) const;
    void countVersions();
    void keepActivation(double share);
    StageShare shareOf(const OpenBatch& batch) const;

    const RunSpec& spec_;
    const ModelPlan& model_;
    const SharedParts& shared_;
    const Rank rank_;
    const MeshPlace place_;
    Runtime& runtime_;
    LaneRecorder& lane_;
    const std::function<void(Picoseconds, Picoseconds)> charge_;

    std::unique_ptr<StageWeights> weights_;  ///< none with modelled weights
    /// What of its parts learns, and what its tensor ranks sum for each of them.
    struct Learning {
        std::vector<FloatRange> ranges;
        std::vector<PartSums> sums;  ///< by chunk
    };
    const Learning& learningAt(Step step) const { return shared_.plan.frozenAt(step) ? frozen_ : whole_; }
    Learning whole_, frozen_;      ///< before and after the first layers freeze
    StageWeights::Held previous_;  ///< of 2BW
    std::int64_t updates_ = 0;
    std::map<std::int32_t, OpenBatch> batches_;  ///< by step
    std::map<Key, Micro> micros_;

    double activations_ = 0, peakActivations_ = 0;
    std::int64_t peakVersions_ = 1, delay_ = 0;

    /// When it computed, as far back as steps that are under way began.
    struct Busy {
        Picoseconds begin, end;
    };
    std::deque<Busy> busy_;
};

}  // namespace rondo
