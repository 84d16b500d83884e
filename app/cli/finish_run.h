#pragma once

#include "app/cli/command.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

/// BadInput where something could not be written in the end: better now than after an hour.
void requireFolders(const RunSpec& spec, const OutputOptions& output);

/// Writes what was asked for, files first, since whoever reads standard output may have gone. The exit code.
int finishRun(const TrainingResult& result, const OutputOptions& options);

}  // namespace rondo::cli
