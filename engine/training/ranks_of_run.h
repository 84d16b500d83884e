#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/run/report.h"
#include "engine/training/torch_server.h"
#include "engine/training/torch_worker.h"

namespace rondo {

/// The ranks of a run, by rank. One that was never made, since the run failed before, is null.
struct RanksOfRun {
    std::vector<std::unique_ptr<TorchWorker>> workers;
    std::vector<std::unique_ptr<TorchServer>> servers;
    /// From the first step's begin to the last one's end; 0 when there was none.
    double seconds(std::int64_t steps) const;
};

// What ranks that have come to rest leave behind. Thread: the run's own, once all have returned.

/// What servers hold is the model; worker 0, which may have older parameters, gets it.
void collectWeights(RanksOfRun& ranks);
/// Where workers have weights of their own, the model is their mean: worker 0 gets it. Returns their distance
/// from it.
std::optional<double> collectMean(RanksOfRun& ranks);

/// Where no rank has the whole model: its parts, put together.
std::vector<float> collectParts(RanksOfRun& ranks, std::int64_t parameters);

/// Traffic, phases, staleness, compression and faults: whatever was measured, also by a run that failed.
void measureInto(Report& report, const RanksOfRun& ranks, const Runtime& runtime);
/// Checksum and norms of the final weights, against those at the start.
void measureWeights(Report& report, std::span<const float> weights, std::span<const float> initial);

}  // namespace rondo
