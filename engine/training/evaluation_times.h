#pragma once

#include <cstdint>

#include "engine/algorithms/algorithm.h"

namespace rondo {

/// After how many steps a run is evaluated. Ranks in lock-step all meet for it, so that none trains meanwhile;
/// those that can't be held, since each is at a border of its own, are evaluated as rank 0 comes by.
class EvaluationTimes {
  public:
    EvaluationTimes(const RunSpec& spec, const Algorithm& algorithm)
        : every_(spec.evaluateEvery), held_(algorithm.lockStep() && !algorithm.skipsSteps()) {}

    /// Steps from one meeting to the next; 0: they never meet.
    std::int64_t meetEvery() const { return held_ ? every_ : 0; }
    bool meetsAfter(std::int64_t stepsDone) const {
        return held_ && every_ > 0 && stepsDone % every_ == 0;
    }
    /// Whether it is time as rank 0 comes by, where the last time was after `evaluatedAt` steps: it may have
    /// left some out.
    bool passesBy(std::int64_t stepsDone, std::int64_t evaluatedAt) const {
        return !held_ && every_ > 0 && stepsDone / every_ > evaluatedAt / every_;
    }

  private:
    std::int64_t every_;
    bool held_;
};

}  // namespace rondo
