#pragma once

#include "engine/config/run_spec.h"
#include "engine/core/result.h"

namespace rondo {

/// What keeps a run with these settings from being saved in its middle, each with the setting it is about;
/// empty: nothing. A checkpoint is made of what each rank has as it comes to one step border. So there must
/// be such a border, and all a rank has at it must be its own:
///   asynchronous servers   a worker comes to its n-th step while another is at any other
///   backup workers         who was dropped leaves out steps, and borders with them
///   pipedream, 2bw         begin a batch before those before are over: at no border is a stage empty
Problems savingProblems(const RunSpec& spec);

}  // namespace rondo
