#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/control/save_plan.h"
#include "engine/run/bubble_meter.h"
#include "engine/run/checkpoint_writer.h"
#include "engine/training/overseer.h"
#include "engine/training/ranks_of_run.h"

namespace rondo {

/// Puts checkpoints together of a run all ranks of which are in this process. No rank waits: each leaves its
/// state as it comes to the border, and the last one adds what servers and books have then. A copy of the
/// states is in memory until it is written.
class LocalCheckpoints {
  public:
    /// What it looks into; outlives it.
    struct Run {
        const RunSpec& spec;
        const Checkpoint* resumed;  ///< null: the run began
        Step first;
        const Runtime& runtime;
        const VirtualRuntime* virtualTime;  ///< null elsewhere
        const RanksOfRun& ranks;
        const StepLedger& ledger;
        const Overseer& overseer;
        const BubbleMeter& bubbles;
        std::function<double()> wallSeconds;
    };
    LocalCheckpoints(Run run, CheckpointWriter& writer) : run_(std::move(run)), writer_(writer) {}

    /// A worker leaves what it has for a save. True for the last of them: the checkpoint is on its way.
    /// Thread: the worker's compute lane, or the run's own while that lane waits at the border.
    bool give(Rank rank, const Save& save);
    /// The state all ranks have come to rest in, after that many steps. False where they have not come to one
    /// border: then there is none. Thread: the run's own, once all have returned.
    std::optional<Checkpoint> atEnd(std::int64_t stepsDone);

  private:
    struct Gathering {
        StatesTogether states;
        FiguresOfRanks figures;
        std::vector<HistoryEntry> history;
        DataPlace place;
        int workers = 0;  ///< that have given
    };
    Gathering begin() const;
    void addWorker(Gathering& gathering, Rank rank, RankState state, RankFigures figures) const;
    /// Adds servers and books; none when a server isn't where the workers are.
    std::optional<Checkpoint> complete(Gathering gathering, Step border) const;
    CheckpointBooks booksAt(Gathering& gathering, Step border) const;

    const Run run_;
    CheckpointWriter& writer_;
    std::mutex mutex_;
    std::map<std::int64_t, Gathering> open_;  ///< by number of the save
};

}  // namespace rondo
