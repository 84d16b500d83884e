#include "engine/algorithms/pipeline/run_theory.h"

#include "engine/algorithms/pipeline/stage_plan.h"

namespace rondo {

std::optional<ClosedForm> bubbleTheory(const RunSpec& spec) {
    const StagesSpec* stages = stagesOf(spec);
    const int count = meshOf(spec).pipeline;
    if (!stages || count < 2 || stages->schedule == ScheduleChoice::Hand || stages->freezeLayers > 0)
        return {};
    const ModelPlan model = planModel(spec, expectedShape(spec.data));
    const StagePlan plan = planStages(spec, model);
    if (plan.streams()) return {};

    PipelineShape shape{.kind = static_cast<ScheduleKind>(stages->schedule),
                        .stages = count,
                        .microBatches = plan.microBatches(),
                        .chunks = plan.chunks(),
                        .times = {0, 0, 0},
                        .recompute = stages->recompute};
    for (const PassTimes& part : stageTimes(spec, model, plan).parts) {
        shape.times.forward += part.forward / count;
        shape.times.backwardInput += part.backwardInput / count;
        shape.times.backwardWeight += part.backwardWeight / count;
    }
    const PipelineTheory theory = pipelineTheory(shape);
    if (!theory.bubbleOfTotal) return {};
    for (const ClosedForm& line : theory.lines)
        if (line.name == "bubble of total time") return line;
    return {};
}

}  // namespace rondo
