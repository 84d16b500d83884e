#pragma once

#include <optional>
#include <vector>

#include "ui/store/ideal_schedule.h"
#include "ui/store/run_store.h"
#include "ui/store/stage_memory.h"

namespace rondo::ui {

/// Shares of the steps in a stretch of time that were bubble.
struct BubbleShares {
    struct Stage {
        double measured = 0;
        std::optional<double> ideal;
    };
    std::vector<Stage> ranks;     ///< by rank
    double measured = 0;          ///< as the report has it: of each step's longest stage, in the mean
    std::optional<double> ideal;  ///< of the same steps
    int steps = 0;                ///< how many were looked at
};

/// What a run whose model is cut into stages did, by stage, and what its schedule would have been ideally.
/// Empty for other runs. Thread: GUI only.
class StageHistory {
  public:
    explicit StageHistory(const RunStore& store) : store_(store) {}
    void reset();   ///< another run
    void follow();  ///< takes in what is new; cost in proportion to that

    bool any() const { return plan_.has_value(); }
    const StagePlan& plan() const { return *plan_; }
    bool isStage(int rank) const;
    int stageOf(int rank) const;
    const StageLedger& ledgerOf(int rank) const { return ranks_[static_cast<std::size_t>(rank)].ledger; }
    const StageMemory& memoryOf(int rank) const { return ranks_[static_cast<std::size_t>(rank)].memory; }
    const IdealSchedule* ideal() const { return ideal_ ? &*ideal_ : nullptr; }
    /// The ideal is played with the passes this run was measured to have, not with those of a cost model.
    bool idealIsMeasured() const;

    /// When the replica of a rank began a step, ns: the first start of its stages.
    std::optional<std::int64_t> beginOf(int step, int rank) const;
    /// Of the steps that lie in [from, to), ns, or else of the one that lies over its middle. Of very many,
    /// some thousands evenly spread.
    BubbleShares bubbles(std::int64_t from, std::int64_t to) const;

  private:
    struct OfRank {
        StageLedger ledger;
        StageMemory memory;
    };
    StageTimes measuredTimes() const;
    void playIdeal();

    const RunStore& store_;
    std::optional<StagePlan> plan_;
    std::optional<StageTimes> modelled_;
    std::vector<OfRank> ranks_;
    std::optional<IdealSchedule> ideal_;
    std::size_t playedAt_ = 0;  ///< steps that were known when the ideal was played
    bool playedOver_ = false;
};

}  // namespace rondo::ui
