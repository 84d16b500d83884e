#pragma once

#include <cstdint>
#include <vector>

#include "engine/algorithms/pipeline/play_schedule.h"
#include "engine/core/ids.h"
#include "engine/model/cost_model.h"
#include "engine/model/model_plan.h"

namespace rondo {

/// Where a rank stands among data · stages · tensor ranks. Ranks that share layers are neighbours, the
/// stages of a replica follow each other, then comes the next replica.
struct MeshPlace {
    int data = 0, stage = 0, tensor = 0;
    bool operator==(const MeshPlace&) const = default;
};
Rank rankOf(const MeshShape& mesh, const MeshPlace& place);
MeshPlace placeOf(const MeshShape& mesh, Rank rank);

/// Layers [first, end) of a model.
struct LayerRange {
    int first = 0, end = 0;
    bool operator==(const LayerRange&) const = default;
};

/// How the ranks of a run share its model and each batch: what settings and model come to.
struct StagePlan {
    MeshShape mesh;
    PipelineSchedule schedule;        ///< of a step; where batches aren't flushed, what one would be alone
    PipelineSchedule frozenSchedule;  ///< from step freezeAfter on; the same without frozen layers
    int frozenLayers = 0;
    std::int64_t freezeAfter = 0;
    bool splitsBackward = false;    ///< some weight gradients are computed apart from input gradients
    std::vector<LayerRange> parts;  ///< part c·stages + s is chunk c of stage s

    /// No flush between batches: 1F1B goes on through the whole run, with weights of several versions.
    bool streams() const { return schedule.weights != WeightUse::Latest; }
    /// An update after every micro-batch (PipeDream), not after every batch.
    bool updatesEachMicroBatch() const { return schedule.weights == WeightUse::Stashed; }
    int microBatches() const { return schedule.microBatches; }
    int chunks() const { return schedule.chunks; }
    int partOf(int stage, int chunk) const { return chunk * mesh.pipeline + stage; }
    int stageOf(int part) const { return part % mesh.pipeline; }
    bool frozenAt(Step step) const { return frozenLayers > 0 && step.value >= freezeAfter; }
    const PipelineSchedule& scheduleAt(Step step) const { return frozenAt(step) ? frozenSchedule : schedule; }
};

/// Only for algorithms that cut the model. Throws BadInput naming the setting: more stages than layers, a
/// hand-written order that is incomplete or can never end.
StagePlan planStages(const RunSpec& spec, const ModelPlan& model);

/// What passes of a micro-batch take on a part of the model, in virtual time; exact to the picosecond on
/// equal devices. Typed-in times hold for a whole stage, so a chunk takes its share.
class PartCosts {
  public:
    PartCosts(const RunSpec& spec, const ModelPlan& model, const StagePlan& plan);
    struct Passes {
        Picoseconds forward{0}, backwardInput{0}, backwardWeight{0};
    };
    /// In a step with the first layers frozen, their gradients cost nothing (typed-in times are those of a
    /// stage, whatever of it learns). Of the first part that learns, whose backward pass is W alone when
    /// others below don't, W includes the gradients inside the part that its weights need.
    Passes of(int part, Rank rank, std::int64_t samples, bool frozen = false) const;
    /// Of the weights a rank updates: `parameters` of the model's.
    Picoseconds update(Rank rank, std::int64_t parameters) const;

  private:
    const RunSpec& spec_;
    const ModelPlan& model_;
    const StagePlan& plan_;
    CostModel costs_;
    /// Of a part's arithmetic, what each of the ranks that share its layers does.
    struct Share {
        double forward = 1, backwardInput = 1, backwardWeight = 1;
    };
    std::vector<Share> shares_;
};

/// The same as numbers in seconds, of a full batch of replica 0 on an idle network, for playing the schedule.
StageTimes stageTimes(const RunSpec& spec, const ModelPlan& model, const StagePlan& plan);

/// What stands in a stage, for a person to compare.
struct StageFigures {
    std::vector<LayerRange> parts;
    std::int64_t parameters = 0;  ///< of all its tensor ranks together
    double seconds = 0;           ///< forward and backward of one micro-batch
    double peakActivations = 0;   ///< in micro-batches
    std::int64_t activationBytes =
        0;                         ///< at that peak: what backward keeps, and the inputs that recompute does
    std::int64_t weightBytes = 0;  ///< weights, gradients and the optimiser's state, of all versions
};
std::vector<StageFigures> stageFigures(const RunSpec& spec, const ModelPlan& model, const StagePlan& plan);

}  // namespace rondo
