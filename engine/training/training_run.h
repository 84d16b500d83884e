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

/// Carries out one run, start to end, on the calling thread and those it starts. Everything that happens goes
/// to `sink` as it happens; RunEnded is last, whatever happens. A run that fails on its way (a rank's
/// exception, a deadlock) gives a report with status failed, with what had been measured until then. Data
/// that can't be used throws BadInput, before RunStarted and after a RunEnded that says so.
TrainingResult runTraining(const RunSpec& spec, RunControl& control, EventSink& sink, std::uint32_t run = 0,
                           const DataSource& source = loadData);

}  // namespace rondo
