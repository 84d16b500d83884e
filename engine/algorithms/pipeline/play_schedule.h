#pragma once

#include <span>
#include <vector>

#include "engine/algorithms/pipeline/schedule.h"

namespace rondo {

/// Seconds (or any unit) that the passes of one micro-batch take, and a message to the next part.
struct PassTimes {
    double forward = 1, backwardInput = 1, backwardWeight = 1, message = 0;
    double all() const { return forward + backwardInput + backwardWeight; }
};

/// Times of every part of the model (part c·stages + s is chunk c of stage s); `message` of a part is what
/// activations take to the part above, and gradients back from it.
struct StageTimes {
    std::vector<PassTimes> parts;
    /// What an update of a stage's weights takes, after the last weight gradient of a step. Empty: none.
    std::vector<double> updates;

    /// Every stage takes `stage`; a chunk of an interleaved schedule its share of a pass, and its message as
    /// long as any. Where one stage holds all parts nothing is sent.
    static StageTimes even(int stages, int chunks, const PassTimes& stage);
};

/// What a stage did of a step: from its first start to its last end, and how much of that it computed.
struct StageShare {
    double time = 0, busy = 0;
    bool operator==(const StageShare&) const = default;
};
/// Idle ÷ time of the stage that took longest. Of stages that took as long (to a billionth: sums of the same
/// times in another order differ) the one that waited most.
double bubbleOf(std::span<const StageShare> stages);

struct PipelineSpan {
    PipelineOp op;
    double begin = 0, end = 0;
    double recomputed = 0;  ///< how much of it, at its front, repeats the forward
};

/// A schedule as it goes when every stage does its list in order, each operation as soon as the stage is free
/// and what it needs has come. A message takes its time but occupies neither end.
struct PlayedSchedule {
    std::vector<std::vector<PipelineSpan>> stages;
    std::vector<double> busy;  ///< of each stage: F, B, W and forwards that are repeated
    double cost = 0;           ///< of the stage that takes longest from its first start to its last end
    double makespan = 0;       ///< from time 0 to the last end of all
    double bubbleRate = 0;     ///< (cost − busy) / cost of the stage that takes longest
};

/// Several batches one after the other without a barrier: each stage goes on to its next batch as soon as its
/// own list is done (pipedream, pipedream_2bw: without waiting for its backwards at all).
struct PlayedSteps {
    PlayedSchedule whole;  ///< micro-batches counted through all batches
    std::vector<double>
        bubbles;  ///< of each batch; operations of others that fall into its time are no idleness
    double meanBubble() const;
};

/// A problem names the first operation that can never begin, and what it waits for. Cost: proportional to the
/// operations.
Result<PlayedSchedule> playSchedule(const PipelineSchedule& schedule, const StageTimes& times);
Result<PlayedSchedule> playSchedule(const PipelineSchedule& schedule, const PassTimes& stage);
Result<PlayedSteps> playSteps(const PipelineSchedule& schedule, const StageTimes& times, int steps);

}  // namespace rondo
