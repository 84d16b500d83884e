#pragma once

#include <string>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo::cli {

/// "4, 3, 2, 1", of many stages "64, 63, 62 ... 1".
std::string byStageText(const std::vector<double>& values);

/// "(p − 1) / (m + p − 1) = 27.27 % with stages alike and messages that take no time (Huang et al. 2019)";
/// empty where nothing is published.
std::string bubbleTheoryText(const RunSpec& spec);

}  // namespace rondo::cli
