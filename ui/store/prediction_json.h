#pragma once

#include <string_view>

#include "engine/algorithms/predict.h"

namespace rondo::ui {

/// Takes over the figures that a run's own prediction text names; what it does not name, or names as null,
/// stays. Text that can't be read changes nothing.
void mergePrediction(std::string_view json, Prediction& prediction);

}  // namespace rondo::ui
