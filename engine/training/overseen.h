#pragma once

#include <span>

#include "engine/core/clock.h"
#include "engine/core/function_ref.h"
#include "engine/core/ids.h"
#include "engine/training/replica.h"

namespace rondo {

/// A worker as the overseer of its run sees it, wherever it is carried out.
class Overseen {
  public:
    virtual ~Overseen() = default;
    virtual Rank rank() const = 0;
    virtual Picoseconds firstStepBegan() const = 0;
    virtual Picoseconds lastStepEnded() const = 0;
    /// A model with its weights as they are now; null with modelled weights and where the model is in parts.
    virtual const Replica* model() = 0;
    /// Its weights as they are now, of the whole model.
    virtual std::span<const float> ownWeights() = 0;
    /// Writes the part it holds where it belongs in the whole model.
    virtual void putPart(std::span<float> whole) = 0;
    /// Does `work` and shows it as an evaluation.
    virtual void evaluating(FunctionRef<void()> work) = 0;
};

}  // namespace rondo
