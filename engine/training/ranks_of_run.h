#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/run/measured.h"
#include "engine/training/torch_server.h"
#include "engine/training/torch_worker.h"

namespace rondo {

/// The ranks of a run, by rank. One that was never made, since the run failed before, is null.
struct RanksOfRun {
    std::vector<std::unique_ptr<TorchWorker>> workers;
    std::vector<std::unique_ptr<TorchServer>> servers;
};

// What ranks that have come to rest leave behind. Thread: the run's own, once all have returned.

/// What servers hold is the model; worker 0, which may have older parameters, gets it.
void collectWeights(RanksOfRun& ranks);
/// Where workers have weights of their own, the model is their mean: worker 0 gets it. Returns their distance
/// from it.
std::optional<double> collectMean(RanksOfRun& ranks);

/// Where no rank has the whole model: its parts, put together.
std::vector<float> collectParts(RanksOfRun& ranks, std::int64_t parameters);

/// What they have measured; hands on what their lanes still hold.
FiguresOfRanks figuresOf(const RanksOfRun& ranks, const Runtime& runtime);
RankFigures figuresOf(TorchWorker& worker, const Runtime& runtime);
RankFigures figuresOf(TorchServer& server);

}  // namespace rondo
