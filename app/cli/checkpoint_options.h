#pragma once

#include "app/cli/command.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

/// Where a run goes on and what it keeps of itself; reads the checkpoint. BadInput when that can't be read,
/// when nothing could be written in the end, and for runs that can't be saved (engine/run/savable.h) or whose
/// ranks are in other processes.
TrainingOptions trainingOptions(const RunSpec& spec, const CheckpointOptions& options);

/// The checkpoint in that file, or null where none is named. BadInput says what is wrong with it.
std::shared_ptr<const Checkpoint> checkpointIn(const std::string& file);

}  // namespace rondo::cli
