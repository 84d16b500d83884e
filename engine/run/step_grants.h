#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/control/run_control.h"
#include "engine/core/clock.h"

namespace rondo {

/// How far each rank of a world may go without asking: far enough that none waits for an answer on its way,
/// near enough that a pause is felt at once. About 50 ms ahead of what it has told, two steps at least.
///
/// Thread: one.
class StepGrants {
  public:
    /// No rank passes a step that is `meetEvery` (0: none) or more steps after the last meeting, since it may
    /// be the last one. `planned` 0: no end.
    /// Ranks that begin steps before they have ended those before are let on `underWay` further, and past
    /// meetings.
    StepGrants(RunControl& control, int ranks, Step first, std::int64_t planned, std::int64_t meetEvery,
               std::int32_t underWay = 0);

    /// Whether a rank may have ended this step now: it was let on, and has told of all before.
    bool expects(Rank rank, Step step) const;
    /// The furthest step that any rank was let on to.
    Step furthest() const;
    /// The last step it has told of, or left out.
    Step toldOf(Rank rank) const { return Step{ranks_[rank.index()].told}; }
    /// Whether it was let on so far.
    bool letOn(Rank rank, Step step) const;
    /// All have met after so many steps, and been evaluated: they may go on.
    void met(std::int64_t stepsDone) { met_ = std::max(met_, stepsDone); }

    void told(Rank rank, Step step, Nanoseconds ended);
    void stands(Rank rank, Step before);
    /// It takes no more steps.
    void leaves(Rank rank);
    /// Ranks are to stand before a step they share, from where a world of others goes on.
    void gather() { gathers_ = true; }

    /// What a rank is to be told now; none when there is nothing new for it.
    struct Grant {
        Step upTo;
        bool end = false;
    };
    std::optional<Grant> next(Rank rank);

    /// Whether every rank that still trains stands.
    bool allStand() const;
    /// The step they stand before; none unless all do and it is the same one.
    std::optional<Step> commonBorder() const;

  private:
    struct Of {
        std::int32_t told, granted, sent;
        std::optional<std::int32_t> stands;
        Nanoseconds ended{0};
        bool left = false, over = false;
    };
    std::int32_t ahead() const;

    RunControl& control_;
    const std::int64_t planned_, meetEvery_;
    const std::int32_t first_, underWay_;
    std::int64_t met_;
    bool gathers_ = false;
    double stepSeconds_ = 0;  ///< a running mean
    std::vector<Of> ranks_;
};

}  // namespace rondo
