#pragma once

#include <optional>

#include "engine/algorithms/algorithm.h"
#include "engine/run/bubble_meter.h"
#include "engine/run/rank_gate.h"
#include "engine/training/evaluation_times.h"
#include "engine/training/run_books.h"

namespace rondo {

/// What a worker tells its coordinator, one message a step. Stops with the others where the run is evaluated.
class RemoteBooks final : public RunBooks, public StageBook {
  public:
    /// `first`: the step the world begins with.
    RemoteBooks(const RunSpec& spec, const Algorithm& algorithm, RankGate& gate, Step first);
    void addLoss(Rank rank, Step step, double lossSum, std::int64_t samples) override;
    void endStep(TorchWorker& worker, Step step, std::int64_t payloadBytes) override;
    void skip(TorchWorker& worker, Step first, Step next) override;
    void leave(TorchWorker& worker, Step first) override;
    void add(std::int64_t step, const StageShare& stage) override;

    /// The weights the coordinator needs of this worker to know those of the run; else none.
    std::vector<float> weightsFor(TorchWorker& worker) const;

  private:
    const RunSpec& spec_;
    const Algorithm& algorithm_;
    RankGate& gate_;
    const EvaluationTimes times_;
    std::int64_t evaluatedAt_;  ///< as it passed by
    double lossSum_ = 0;
    std::int64_t samples_ = 0;
    std::optional<StageShare> share_;
};

}  // namespace rondo
