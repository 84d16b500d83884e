#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/algorithms/pipeline/schedule.h"

namespace rondo {

/// An operation of a run of many batches; its micro-batch is counted within its batch.
struct StreamOp {
    PipelineOp op;
    std::int64_t batch = 0;
    bool thenUpdate = false;  ///< with it the stage has all gradients of an update
    bool operator==(const StreamOp&) const = default;
};

/// What a stage does through a whole run, one operation after the other: its list again and again; or, where
/// batches aren't flushed (pipedream, pipedream_2bw), p−s−1 forwards, then forward and backward in turn
/// through all batches, and the backwards left at the end.
///
/// What becomes of the bubble where one step meets the next, measured with the player (tst_pipeline_steps);
/// the bubble of a step as bubbleOf() has it:
///   vanilla, gpipe, 1f1b, interleaved   every step has the bubble of one step alone, whatever the stages
///   take:
///            the first stage has the longest step, and its last backward waits for all others
///   zb_h1, zb_h2   where stages are alike too, with messages or without (zb_h2 then has none inside a step
///            when m ≥ 2p−1, F = B = W and messages are free). Stages hand over their work without waiting
///            for each other, so each is as late in every step as in the first: a barrier would make every
///            step pay for that skew, here the run pays once. Behind a slow stage the lead that zb_h2's early
///            forwards give lasts for a step or two; from then on all wait for it inside their steps, and the
///            bubble is larger than that of one step alone
///   pipedream, pipedream_2bw   the pipeline fills once and drains once: (p−1)/(k·m + p−1) of a run of k
///            batches where stages are alike, none in between
class StageStream {
  public:
    /// Enough for any run whose end isn't known beforehand.
    static constexpr std::int64_t kManyBatches = std::int64_t{1} << 40;
    /// `schedule` outlives the stream.
    StageStream(const PipelineSchedule& schedule, int stage, std::int64_t batches = kManyBatches);
    std::optional<StreamOp> next();
    /// There won't be a batch `batch`, the first operation of which came last: what is under way is finished.
    void endBefore(std::int64_t batch) { batches_ = batch; }

  private:
    std::optional<StreamOp> nextOfList();
    std::optional<StreamOp> nextInTurn();

    const PipelineSchedule& schedule_;
    const int stage_;
    std::int64_t batches_;
    const std::int64_t gradientsAnUpdate_;
    std::int64_t gradients_ = 0;
    std::int64_t batch_ = 0;
    std::size_t place_ = 0;                      // in the list
    std::int64_t forwards_ = 0, backwards_ = 0;  // made in turn
};

/// All of it as one schedule; micro-batches counted through.
PipelineSchedule repeated(const PipelineSchedule& schedule, int batches);

/// Chunks of a stage that aren't frozen.
int learningChunks(const PipelineSchedule& schedule, int stage);

/// How many updates the weights had seen that a micro-batch uses on a stage, for its forward and its backward
/// alike. `batch` and `microBatch` count from 0. Stashed: max(0, b − (p−s−1)) for the b-th micro-batch of the
/// run; buffered: max(0, batch − 1); else the batch.
std::int64_t weightVersion(const PipelineSchedule& schedule, int stage, std::int64_t batch, int microBatch);

/// How many updates fewer than had it been alone, without a pipeline: stashed p−s−1 once the pipeline is
/// full, buffered 1 from the second batch on, else 0.
std::int64_t weightDelay(const PipelineSchedule& schedule, int stage, std::int64_t batch, int microBatch);

/// Versions of its weights a stage keeps at most in a run of `batches`, the latest and those that
/// micro-batches under way still need: stashed p−s, buffered 2, else 1.
int weightVersions(const PipelineSchedule& schedule, int stage, std::int64_t batches);

}  // namespace rondo
