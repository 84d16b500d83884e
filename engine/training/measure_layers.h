#pragma once

#include <string>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo {

/// What each layer of a model takes on one core of this computer.
struct MeasuredLayers {
    std::int64_t samples = 0;  ///< of the micro-batch it was measured with
    std::vector<std::string> names;
    std::vector<std::int64_t> parameters;
    std::vector<LayerTimesSpec> times;
};

/// Measures with samples of the run's own data and the micro-batch its algorithm makes of a batch (the whole
/// batch where there are none): forward, gradients of inputs, gradients of weights, each the median of
/// several rounds. Costs about a second and a half with small models. Throws BadInput when the settings can't
/// be measured.
MeasuredLayers measureLayers(const RunSpec& spec);

/// The same settings in virtual time, with these times.
RunSpec withTimes(RunSpec spec, const MeasuredLayers& measured);

}  // namespace rondo
