#pragma once

#include "engine/config/run_spec.h"

namespace rondo::ui {

/// Makes settings of an algorithm that cuts the model able to run, by as little as that takes: more hidden
/// layers (or fewer stages, of a model whose layers are given), widths that tensor ranks can share, workers
/// that are the product of a mesh, micro-batches that divide the batch; no compression, no shared shard.
/// What can't be mended so stays, for validation to name. Other algorithms are left alone.
void fitParts(RunSpec& spec);

/// A good number of micro-batches for a schedule of so many stages: of those that divide the batch, the
/// least that keeps the bubble of a flush below a third.
std::int64_t microBatchesFor(std::int64_t batch, std::int64_t stages, ScheduleChoice schedule);

}  // namespace rondo::ui
