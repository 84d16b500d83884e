#pragma once

#include <QString>

#include "engine/config/run_spec.h"

namespace rondo::ui {

/// What sets `spec` apart from `other`, as one would name it: "workers 8, seed 2". The name doesn't count;
/// empty when nothing else differs; of more than three differences the first three and "…".
QString differenceWords(const RunSpec& spec, const RunSpec& other);

}  // namespace rondo::ui
