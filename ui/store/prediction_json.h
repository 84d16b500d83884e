#pragma once

#include <optional>
#include <string_view>

#include "engine/algorithms/predict.h"

namespace rondo::ui {

/// What a run's own prediction text says, when it says all the window shows: the work of predicting a run of
/// a thousand workers is done once, where it was started. Empty for a text that leaves the traffic out.
std::optional<Prediction> wholePrediction(std::string_view json);

/// Takes over the figures that a run's own prediction text names; what it does not name, or names as null,
/// stays. Text that can't be read changes nothing.
void mergePrediction(std::string_view json, Prediction& prediction);

}  // namespace rondo::ui
