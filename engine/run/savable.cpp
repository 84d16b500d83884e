#include "engine/run/savable.h"

namespace rondo {

namespace {

void checkSchedule(const StagesSpec& stages, const std::string& where, Problems& problems) {
    const bool twice = stages.schedule == ScheduleChoice::PipeDream2bw;
    if (!twice && stages.schedule != ScheduleChoice::PipeDream) return;
    problems.push_back(
        {where + ".schedule", std::string(twice ? "pipedream_2bw" : "pipedream") +
                                  ", expected one that ends a batch before the next for a checkpoint: at no "
                                  "step border is a stage without micro-batches under way"});
}

}  // namespace

Problems savingProblems(const RunSpec& spec) {
    Problems problems;
    if (const auto* server = std::get_if<ParameterServerAlgorithm>(&spec.algorithm)) {
        if (server->mode == ServerMode::Async)
            problems.push_back({"algorithm.mode",
                                "async, expected sync or stale for a checkpoint: workers that don't wait "
                                "for each other stand at no step border together"});
        if (server->backup > 0)
            problems.push_back(
                {"algorithm.backup",
                 std::to_string(server->backup) +
                     ", expected 0 for a checkpoint: workers that are dropped leave out steps, "
                     "and stand at no step border with the others"});
    }
    if (const auto* pipeline = std::get_if<PipelineAlgorithm>(&spec.algorithm))
        checkSchedule(pipeline->stages, "algorithm", problems);
    if (const auto* hybrid = std::get_if<HybridAlgorithm>(&spec.algorithm))
        checkSchedule(hybrid->stages, "algorithm", problems);
    return problems;
}

}  // namespace rondo
