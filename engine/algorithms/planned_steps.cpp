#include "engine/algorithms/planned_steps.h"

#include <algorithm>

namespace rondo {

std::optional<std::int64_t> plannedSteps(
    const RunSpec& spec, FunctionRef<std::optional<std::int64_t>(std::int64_t epochs)> stepsUntil) {
    std::optional<std::int64_t> steps = spec.stop.steps;
    const auto atMost = [&](std::int64_t n) { steps = std::min(steps.value_or(n), n); };
    if (spec.stop.rounds && !std::holds_alternative<SingleAlgorithm>(spec.algorithm))
        atMost(*spec.stop.rounds);
    if (spec.stop.epochs) {
        const auto until = stepsUntil(*spec.stop.epochs);
        if (!until) return std::nullopt;
        atMost(*until);
    }
    return steps;
}

}  // namespace rondo
