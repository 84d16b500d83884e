#pragma once

#include <QString>
#include <optional>

#include "engine/config/run_spec.h"

namespace rondo::ui {

/// Which all-reduce there is to look at chunk by chunk, or why there is none.
struct ChunkSubject {
    std::optional<Collective> collective;  ///< one that chunkHistory takes
    int ranks = 0;
    std::int64_t elements = 0;  ///< of the vector that is summed: the run's largest bucket
    ClusterSpec cluster;
    QString why;   ///< there is none; empty otherwise
    QString note;  ///< what else it is not; empty when it is just the run's
    bool operator==(const ChunkSubject&) const = default;
};

/// Of the run as its settings have it, or, with `instead`, what that collective would do between its workers,
/// whatever the algorithm. Only settings that passed validation.
ChunkSubject chunkSubjectOf(const RunSpec& spec, std::optional<Collective> instead = {});

/// As one says it: "halving-doubling".
QString collectiveName(Collective collective);

}  // namespace rondo::ui
