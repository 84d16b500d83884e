#pragma once

#include "engine/config/run_spec.h"
#include "engine/core/result.h"

namespace rondo {

/// The rules that tie settings together (limits of single settings are in describe.cpp); empty when the run
/// can start. Looks at no file: a missing folder is found when the data is opened. Cheap enough for every
/// keystroke.
Problems validate(const RunSpec& spec);
/// Whether that fault can strike a run of these settings, whenever it begins; `where` is how problems name
/// it.
Problems validate(const RunSpec& spec, const FaultSpec& fault, const std::string& where);

}  // namespace rondo
