#pragma once

#include <string>

#include "engine/run/report.h"

namespace rondo::cli {

/// The report for a person: a dozen lines, measured beside predicted.
std::string reportText(const Report& report);

}  // namespace rondo::cli
