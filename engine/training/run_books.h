#pragma once

#include "engine/core/ids.h"

namespace rondo {

class TorchWorker;

/// What a worker tells whoever keeps the books of its run: in this process, or, by messages, its coordinator.
/// Thread: the worker's compute lane.
class RunBooks {
  public:
    virtual ~RunBooks() = default;
    /// Sum of the losses of its slice, told after its forward pass.
    virtual void addLoss(Rank rank, Step step, double lossSum, std::int64_t samples) = 0;
    /// It has ended the step, having sent `payloadBytes` so far. May hold it while the run is evaluated.
    virtual void endStep(TorchWorker& worker, Step step, std::int64_t payloadBytes) = 0;
    /// It leaves out the steps from `first` to before `next`.
    virtual void skip(TorchWorker& worker, Step first, Step next) = 0;
    /// It has no part in steps from `first` on.
    virtual void leave(TorchWorker& worker, Step first) = 0;
};

}  // namespace rondo
