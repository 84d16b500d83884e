#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/control/run_control.h"
#include "engine/data/dataset.h"
#include "engine/events/event_sink.h"
#include "engine/model/model_plan.h"
#include "engine/run/checkpoint.h"
#include "engine/run/report.h"

namespace rondo {

/// What a run leaves behind.
struct TrainingResult {
    Report report;
    ModelPlan model;
    std::vector<float> weights;  ///< at the end; empty when the run failed and when they were modelled
};

/// Gives a run its data; may throw what loadDataset does, DataCancelled among it.
using DataSource = std::function<std::shared_ptr<const Dataset>(const RunSpec&, const std::stop_token&)>;
/// Makes or reads the data of the settings, on all cores.
std::shared_ptr<const Dataset> loadData(const RunSpec& spec, const std::stop_token& stop);

/// Checkpoints a run makes by itself: in its middle, and where it ends unless it fails. What was there is
/// replaced.
struct CheckpointRule {
    std::string file;        ///< empty: none
    std::int64_t every = 0;  ///< steps, counted from the first of all; 0: only where the run ends
};

struct TrainingOptions {
    std::uint32_t run = 0;
    DataSource source = loadData;
    CheckpointRule checkpoints = {};
    std::shared_ptr<const Checkpoint> resume = nullptr;  ///< goes on there; none: begins
};

/// Carries out one run, start to end, on the calling thread and those it starts. Everything that happens goes
/// to `sink` as it happens; RunEnded is last, whatever happens. A run that fails on its way (a rank's
/// exception, a deadlock) gives a report with status failed, with what had been measured until then. Data
/// that can't be used throws BadInput, before RunStarted and after a RunEnded that says so; so does a
/// checkpoint that these settings can't go on with, and a wish for some where there can be none.
///
/// One that goes on at a checkpoint tells its watchers of the evaluations before it anew, and has a report as
/// if it had never stopped. A checkpoint that can't be written is a Notice; the run goes on.
TrainingResult runTraining(const RunSpec& spec, RunControl& control, EventSink& sink,
                           const TrainingOptions& options = {});

}  // namespace rondo
