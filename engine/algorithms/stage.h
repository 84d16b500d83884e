#pragma once

#include "engine/algorithms/pipeline/schedule.h"
#include "engine/comm/values.h"
#include "engine/core/function_ref.h"
#include "engine/core/ids.h"

namespace rondo {

/// One pass of one micro-batch of one step. `op.microBatch` counts within the step.
struct StageOp {
    PipelineOp op;
    Step step;
};

/// What a rank holds where no rank has the whole model: the parts of it that are a stage's, each perhaps cut
/// across several ranks. Whether computing takes real or modelled time is decided behind it.
///
/// Values are floats at a cut, [samples of the micro-batch × floats of a sample there]; views that stay valid
/// until the end of the next step, so that they can be lent to a message.
///
/// Thread: the rank's compute lane.
class Stage {
  public:
    virtual ~Stage() = default;

    /// Room for what the part before sends up; not of the model's first part, which takes samples.
    virtual Values input(const StageOp& op) = 0;
    /// What the forward pass made, for the part after.
    virtual Values output(const StageOp& op) = 0;
    /// Room for what the part after sends down; not of the last part, which knows the loss.
    virtual Values outputGradient(const StageOp& op) = 0;
    /// What the input's backward pass made, for the part before.
    virtual Values inputGradient(const StageOp& op) = 0;

    /// Does one pass. `sum` makes what each of the ranks that share a layer has only a part of whole; it is
    /// called between LibTorch's operations, never within.
    virtual void compute(const StageOp& op, FunctionRef<void(Values)> sum) = 0;

    /// The gradients that an update of that step uses: everything but frozen layers, in a few ranges.
    virtual std::vector<Values> learning(Step step) = 0;
    /// One optimiser update with the gradients summed since the last; they begin at zero again. A micro-batch
    /// under way keeps the weights it began with.
    virtual void update(Step step) = 0;
};

}  // namespace rondo
