#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/result.h"

namespace rondo {

/// Cuts a model into `parts`, each at least one layer, and says where each begins: the first at 0. `weights`
/// has a number a layer of what is to be even (parameters, seconds, or 1); by hand `cutAt` has the first
/// layers of all parts but the first. Otherwise the largest part is as small as can be; among cuts of which
/// that is true the rest is most even (the least sum of squares), then earlier parts are the longer ones.
/// Problems name the setting: `partsSetting`, of which more parts came than there are layers, or
/// algorithm.cut_at. Cost: layers² · parts.
Result<std::vector<int>> cutLayers(std::span<const double> weights, int parts, CutBy by,
                                   std::span<const std::int64_t> cutAt = {},
                                   std::string_view partsSetting = "workers");

}  // namespace rondo
