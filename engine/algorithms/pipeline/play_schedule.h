#pragma once

#include <vector>

#include "engine/algorithms/pipeline/schedule.h"

namespace rondo {

/// Seconds (or any unit) that the passes of one micro-batch take on a whole stage, and a message from stage
/// to stage. A chunk of an interleaved schedule takes its share of a pass, and its message as long as any.
struct PassTimes {
    double forward = 1, backwardInput = 1, backwardWeight = 1, message = 0;
    double all() const { return forward + backwardInput + backwardWeight; }
};

struct PipelineSpan {
    PipelineOp op;
    double begin = 0, end = 0;
};

/// A schedule as it goes when every stage does its list in order, each operation as soon as the stage is free
/// and what it needs has come. A message takes its time but occupies neither end.
struct PlayedSchedule {
    std::vector<std::vector<PipelineSpan>> stages;
    double cost = 0;        ///< of the stage that takes longest from its first start to its last end
    double makespan = 0;    ///< from time 0 to the last end of all
    double bubbleRate = 0;  ///< (cost − m(F + B + W)) / cost
};

/// A problem names the first operation that can never begin, and what it waits for. Cost: proportional to the
/// operations.
Result<PlayedSchedule> playSchedule(const PipelineSchedule& schedule, const PassTimes& times);

}  // namespace rondo
