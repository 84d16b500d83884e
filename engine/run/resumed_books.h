#pragma once

#include <optional>
#include <vector>

#include "engine/core/clock.h"
#include "engine/run/checkpoint.h"

namespace rondo {

// What a run that goes on takes over from the books of its checkpoint.

/// On the run's clock: from the first step's begin to the last one's end of all ranks there were.
struct StepTimes {
    Picoseconds began{0}, ended{0};
};
StepTimes stepTimes(const CheckpointBooks& books);

/// What struck until then.
std::vector<FaultHappened> faultsOf(const CheckpointBooks& books);

/// Whether a world of so many ranks is the checkpoint's last one, each rank in its place.
bool goesOn(const Checkpoint& checkpoint, int workers, int servers);

/// What a rank of the new world measures on from: where the world goes on, all that its rank had; else the
/// begin and the end of the steps before, for a worker.
RankFigures figuresBefore(const Checkpoint& checkpoint, int workers, int servers, Rank rank);
/// Worlds that are over; the last isn't where it goes on.
std::vector<WorldFigures> worldsBefore(const Checkpoint& checkpoint, int workers, int servers);

/// What that rank begins with. Where the world doesn't go on: a worker keeps its own if it was there, else it
/// gets what all have; if there are servers, the weights are theirs.
RankState stateFor(const Checkpoint& checkpoint, int workers, int servers, Rank rank);

}  // namespace rondo
