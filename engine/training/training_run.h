#pragma once

#include <memory>
#include <optional>
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
    std::vector<float> weights;  ///< of rank 0 at the end; empty when the run failed before training
};

/// Carries out one run, start to end, on the calling thread and those it starts. Everything that happens goes
/// to `sink` as it happens, RunStarted first and RunEnded last. A run that fails on its way (a rank's
/// exception, a deadlock) gives a report with status failed; settings or data that can't be used throw
/// BadInput before the first event but RunStateChanged.
///
/// `data`, when given, is used instead of making it again from the same settings.
TrainingResult runTraining(const RunSpec& spec, RunControl& control, EventSink& sink, std::uint32_t run = 0,
                           std::shared_ptr<const Dataset> data = nullptr);

}  // namespace rondo
