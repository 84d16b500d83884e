#pragma once

#include "engine/run/step_ledger.h"
#include "engine/training/overseer.h"
#include "engine/training/run_books.h"

namespace rondo {

/// The books of a run all ranks of which are in this process.
class LocalBooks final : public RunBooks {
  public:
    LocalBooks(StepLedger& ledger, Overseer& overseer) : ledger_(ledger), overseer_(overseer) {}
    void addLoss(Rank rank, Step step, double lossSum, std::int64_t samples) override;
    void endStep(TorchWorker& worker, Step step, std::int64_t payloadBytes) override;
    void skip(TorchWorker& worker, Step first, Step next) override;
    void leave(TorchWorker& worker, Step first) override;

  private:
    StepLedger& ledger_;
    Overseer& overseer_;
};

}  // namespace rondo
