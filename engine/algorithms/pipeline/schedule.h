#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace rondo {

/// What a stage does with one micro-batch. The backward pass is the gradient of the inputs, which the stage
/// below waits for, and that of the weights, which nobody waits for; most schedules do both in one.
enum class Pass : std::uint8_t { Forward, BackwardInput, BackwardWeight, Backward };

struct PipelineOp {
    Pass pass = Pass::Forward;
    std::int32_t microBatch = 0;
    std::int32_t chunk = 0;  ///< of the stage's model chunks, from the one nearest the input on
    bool operator==(const PipelineOp&) const = default;
};
/// "F3", "B3", "W3", "BW3"; with several chunks "F3.1".
std::string nameOf(const PipelineOp& op, int chunks);

enum class ScheduleKind { Vanilla, GPipe, OneFOneB, Interleaved, ZbH1, ZbH2, PipeDream, PipeDream2bw };
/// "1f1b", as settings and command line name it.
std::string_view nameOf(ScheduleKind kind);
std::optional<ScheduleKind> scheduleKindOf(std::string_view name);

/// Which weights a micro-batch uses, and when they change (schedule_stream.h has the numbers).
enum class WeightUse : std::uint8_t {
    Latest,    ///< an update a batch; the next batch begins after it
    Stashed,   ///< an update a micro-batch; its backward uses the weights its forward had (PipeDream)
    Buffered,  ///< an update a batch; each batch uses the weights of one update before (2BW)
};

/// Who does what in which order: a list for each stage. Pure values, nothing is timed.
struct PipelineSchedule {
    int microBatches = 1;  ///< of a batch
    int chunks = 1;  ///< model chunks a stage holds; chunk c of stage s is part c·stages + s of the model
    std::vector<std::vector<PipelineOp>> stages;
    int frozenParts = 0;  ///< parts of the model, from the input on, that are frozen whole
    WeightUse weights = WeightUse::Latest;
    bool recompute = false;  ///< forwards keep a part's input only; a backward repeats the forward first

    int stageCount() const { return static_cast<int>(stages.size()); }
    int partCount() const { return stageCount() * chunks; }
    int partOf(const PipelineOp& op, int stage) const { return op.chunk * stageCount() + stage; }

    /// Whether a micro-batch's backward pass on a part begins with this one: it needs the gradient from
    /// above, and repeats the forward first where that kept nothing. Of the lowest part that learns, when
    /// others are frozen, W is all there is.
    bool beginsBackward(Pass pass, int part) const;
    /// From the begin of which pass, until the end of which, a part holds a micro-batch's activations.
    bool takesActivations(Pass pass, int part) const;
    bool freesActivations(Pass pass, int part) const;

    /// Activations a stage holds at most, in micro-batches of a whole stage: each from its forward (or, with
    /// recompute, from when it is repeated) until its weight gradient is done. A frozen part keeps none.
    std::vector<double> peakActivations() const;
    /// With recompute: inputs a stage keeps at most for forwards to be repeated, as many a micro-batch as
    /// the stage has chunks. Without: none beside its activations.
    std::vector<int> peakInputs() const;
};

/// p stages, m micro-batches. Stage s, counted from 0:
///   vanilla       one micro-batch at a time through all stages and back: utilisation 1/p
///   gpipe         all forwards, then all backwards (Huang et al. 2019): m activations
///   1f1b          p−s−1 forwards, then forward and backward in turn (Narayanan et al. 2019): p−s activations
///   interleaved   v chunks a stage, Megatron's order (Narayanan et al. 2021); p must divide m
///   zb_h1, zb_h2  backward in two parts, weight gradients fill the bubbles (Qi et al. 2023): p−s or 2(p−s)−1
///                 forwards first, and a weight gradient once more than s or 2s are pending
///   pipedream, pipedream_2bw   1f1b's order without a flush between batches (Narayanan et al. 2019, 2021);
///                 which weights are used differs. 2BW wants p−1 ≤ m: else the weights of one update before
///                 aren't made yet when a batch begins
/// Vanilla goes one at a time because each stage waits for its gradient; frozen stages don't and run ahead.
/// Problems name what was wrong: numbers below 1, chunks where there are none, nothing left to train.
Result<PipelineSchedule> makeSchedule(ScheduleKind kind, int stages, int microBatches, int chunks = 1,
                                      int frozenParts = 0);

/// The same order of a model whose first parts are frozen whole: these do forwards only, and nothing keeps
/// them from running ahead. The first part that learns has nobody below who waits for a gradient: of its
/// backward pass only W is left, at the place where W (or BW) stood, which now waits for the part above. What
/// W takes there includes the gradients inside the part that its weights need.
PipelineSchedule freeze(PipelineSchedule schedule, int frozenParts);

/// Reads a schedule written by hand: a line a stage (or "/" between stages), operations in order, "F0 F1 BW0
/// BW1" (B and W apart or BW in one; ".1" behind for chunk 1). Empty lines and what follows # are left out.
/// Complete schedules only: every stage computes every micro-batch of every chunk once. Problems name line
/// and operation.
Result<PipelineSchedule> parseSchedule(std::string_view text);
std::string toText(const PipelineSchedule& schedule);

}  // namespace rondo
