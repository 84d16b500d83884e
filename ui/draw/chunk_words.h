#pragma once

#include <QString>

#include "engine/comm/collectives/chunk_history.h"

namespace rondo::ui {

/// What happens in a round of a collective, as one would tell it.
struct RoundWords {
    QString phase;  ///< "Reduce-scatter, round 2 of 3"
    QString deed;   ///< "Each worker passes one chunk to its right neighbour, which adds it to its own."
};

/// After `done` rounds of the history: of the last of them, or of the state before the first. `groupSize` is
/// that of hierarchical.
RoundWords roundWords(const ChunkHistory& history, Collective collective, int groupSize, std::size_t done);

/// "Bucket of 796 kB in 8 chunks of 99.6 kB"; in whole, where it isn't cut.
QString vectorWords(const ChunkHistory& history);

/// What a row says at its end: "1 of 8 done".
QString doneWords(const ChunkHistory& history, int rank, std::size_t done);

}  // namespace rondo::ui
