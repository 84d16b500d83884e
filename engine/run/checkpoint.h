#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/result.h"
#include "engine/run/measured.h"
#include "engine/run/report.h"
#include "engine/run/states_of_ranks.h"

namespace rondo {

/// What the ranks of one world have measured.
struct WorldFigures {
    int workers = 0;  ///< of the ranks, which train; the others serve
    FiguresOfRanks ranks;
};

/// What the report of a run that goes on has to know of its beginning.
struct CheckpointBooks {
    std::vector<HistoryEntry> history;
    std::int64_t payloadBytes = 0;        ///< of all ranks, as the history counts them
    std::int64_t samples = 0;             ///< trained
    double seconds = 0, wallSeconds = 0;  ///< as in the report
    double bubbleSum = 0;                 ///< bubble fractions over the steps
    std::int64_t bubbleSteps = 0;
    std::vector<WorldFigures> worlds;  ///< in order
};

/// A run as it stands between two steps: enough to go on as if nothing had happened.
struct Checkpoint {
    RunSpec spec;
    std::int64_t stepsDone = 0;
    DataPlace place;
    StatesOfRanks states;
    CheckpointBooks books;
};

// One file, since two can't be replaced at once. It is a .safetensors file that any reader of the format
// opens:
//
//   8 bytes            length of the header, little-endian
//   header             JSON: each tensor's type, shape and bytes; in "__metadata__" the words "format":
//                      "rondo checkpoint", "version": "1", and "checkpoint": all that isn't floats, JSON in
//                      a text (real numbers as texts too: Boost.JSON reads one in seven an ulp wrong)
//   float32 tensors    "all/NAME" what is the same at all workers, "R/NAME" of rank R
//   "sha256"           32 bytes, the last of the file: SHA-256 of every byte before them
//
// Memory to write: the header. To read: twice the file.

inline constexpr int kCheckpointVersion = 1;

/// Replaces the file whole or not at all (atomic_file.h); empty when it worked.
Problems writeCheckpoint(const std::string& file, const Checkpoint& checkpoint);
std::vector<std::byte> encodeCheckpoint(const Checkpoint& checkpoint);

/// Problems name the file, the byte where it is known, and the reason. Lengths are checked against the file
/// before memory is taken; whatever comes back can be measured into a report and restored without harm,
/// though not every state fits every model: `restore` looks at that. NaN is a value.
Result<Checkpoint> readCheckpoint(const std::string& file);
Result<Checkpoint> decodeCheckpoint(std::span<const std::byte> bytes);

}  // namespace rondo
