#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/algorithms/pipeline/play_schedule.h"

namespace rondo {

/// A pipeline whose stages are alike and whose messages take no time: where closed forms hold.
struct PipelineShape {
    ScheduleKind kind = ScheduleKind::OneFOneB;
    int stages = 4, microBatches = 4, chunks = 1;
    PassTimes times;  ///< `message` is left out
    bool recompute = false;
    int batches = 1;  ///< one after the other: of influence only where batches aren't flushed
};

/// A closed form: as one writes it, who published it, and what it comes to here. Letters: p stages, m
/// micro-batches, v chunks, s the stage from 0, k batches, F B W the passes of a micro-batch on a stage.
struct ClosedForm {
    std::string name;     ///< "bubble of total time"
    std::string formula;  ///< "(p − 1) / (m + p − 1)", UTF-8
    std::string source;
    double value = 0;
};

/// What is published of a schedule, each equal to what the player says of such a pipeline to rounding
/// (tst_pipeline_theory).
struct PipelineTheory {
    std::vector<ClosedForm> lines;        ///< all there are, in the order to show them in
    std::optional<double> bubbleOfTotal;  ///< idle ÷ all time of the longest stage
    std::optional<double> bubbleOfIdeal;  ///< idle ÷ its computation: how Megatron-LM states it
    std::optional<double> cost;           ///< of a step; of all batches where they aren't flushed
    std::optional<double> speedUp;        ///< over one device that does all stages
    /// In micro-batches, by stage; and the inputs kept beside them with recompute, one a chunk.
    std::vector<double> peakActivations;
    std::vector<int> peakInputs;
    std::vector<int> weightVersions;  ///< by stage
    std::int64_t messages = 0;        ///< of a step: activations up, gradients down

    /// The zero-bubble forms hold for m ≥ p and W ≤ F (zb_h1), m ≥ 2p − 1, W ≤ F and 2W ≤ F + B (zb_h2):
    /// beyond, bubble, cost and speed-up are left out.
};

/// The shape is one that makeSchedule takes.
PipelineTheory pipelineTheory(const PipelineShape& shape);

/// Messages of a step through parts (stages × chunks) of which the first `frozenParts` don't learn: gradients
/// go no further down than somebody learns from them. None within one stage.
std::int64_t messagesPerStep(int stages, int chunks, int microBatches, int frozenParts = 0);
/// Their bytes, when a micro-batch has `bytesOfCut[i]` between part i and the next.
std::int64_t bytesPerStep(int stages, int microBatches, const std::vector<std::int64_t>& bytesOfCut,
                          int frozenParts = 0);

}  // namespace rondo
