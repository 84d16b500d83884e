#pragma once

#include "engine/training/crew.h"
#include "engine/training/training_run.h"

namespace rondo {

/// Carries out one run the ranks of which are members of a crew: gives them their parts, lets them on step by
/// step, keeps the books, evaluates, and makes the same report as runTraining does.
///
/// When a member is lost, the others go on from the last step one of them has finished, as a new world of
/// fewer ranks; who joins while a run is under way becomes a rank of the next world, which begins at a border
/// all share. Averages use the new number, and no sample is used twice in an epoch. A model in parts can't go
/// on without one: that run fails and says who was lost.
///
/// Thread: the caller's; `inbox` is posted to by any.
TrainingResult coordinateTraining(const RunSpec& spec, RunControl& control, EventSink& sink, Crew& crew,
                                  CrewInbox& inbox, std::uint32_t run = 0,
                                  const DataSource& source = loadData);

}  // namespace rondo
