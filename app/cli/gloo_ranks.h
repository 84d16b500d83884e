#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "app/cli/command.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

/// One of the processes that somebody starts by hand, or a launcher does, for one run over Gloo. They know
/// nothing but their number and where rank 0 is; there they meet.
struct GlooRank {
    int rank = 0, world = 1;
    std::string masterHost;
    std::uint16_t masterPort = 0;
    std::chrono::seconds patience{300};  ///< with the others, until all are there
};

/// The place that --rank, --world and --master name, each of which the environment (RANK, WORLD_SIZE,
/// MASTER_ADDR and MASTER_PORT) may give instead; none when nobody names one: then the run starts its workers
/// itself. BadInput for what doesn't fit together or to the run.
std::optional<GlooRank> glooRankOf(const GlooRankOptions& options, const RunSpec& spec);

/// Rank 0's part: coordinator of the run and, on a thread, its first worker. Throws BadInput when the others
/// can't join, CommError when they don't come; `sink` hears RunEnded whatever happens.
TrainingResult trainAsRankZero(const GlooRank& place, const RunSpec& spec, RunControl& control,
                               EventSink& sink);

/// Everybody else's: joins rank 0 and trains until the run is over. An exit code. BadInput when rank 0 has
/// another run or the rank is taken, CommError when rank 0 isn't to be reached.
int workAsRank(const GlooRank& place, const RunSpec& spec, bool quiet);

}  // namespace rondo::cli
