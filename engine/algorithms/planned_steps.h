#pragma once

#include <cstdint>
#include <optional>

#include "engine/config/run_spec.h"
#include "engine/core/function_ref.h"

namespace rondo {

/// After how many steps the settings end a run, whatever may end it sooner; none when they don't say.
/// `stepsUntil`: after how many so many epochs are over; none when nobody knows.
std::optional<std::int64_t> plannedSteps(
    const RunSpec& spec, FunctionRef<std::optional<std::int64_t>(std::int64_t epochs)> stepsUntil);

}  // namespace rondo
