#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/algorithms/pipeline/play_schedule.h"
#include "engine/comm/communicator.h"
#include "engine/core/clock.h"
#include "engine/core/ids.h"
#include "engine/run/rank_figures.h"
#include "engine/run/rank_state.h"

namespace rondo {

// What a rank in a process of its own and the coordinator of its run tell each other. Plain values; how they
// travel is written in net/PROTOCOL.md. Times are run time.

// From a rank.

/// It has ended a step: its part of the loss, and what it has sent by now.
struct StepTold {
    Step step;
    double lossSum = 0;
    std::int64_t samples = 0;
    std::int64_t payloadBytes = 0;
    Nanoseconds firstBegan{0};  ///< of the first step of the world
    Nanoseconds ended{0};
    std::optional<StageShare> share;  ///< of a pipeline's stage
    bool operator==(const StepTold&) const = default;
};
/// It leaves out the steps from `first` to before `next`.
struct StepsSkipped {
    Step first, next;
    bool operator==(const StepsSkipped&) const = default;
};
/// A planned fault takes it out of the run before step `first`.
struct KilledByPlan {
    Step first;
    bool operator==(const KilledByPlan&) const = default;
};
/// It stands before this step until it is let on.
struct StandsBefore {
    Step step;
    bool operator==(const StandsBefore&) const = default;
};
/// It waits for an evaluation, with its weights where they are needed.
struct AtMeeting {
    std::int64_t stepsDone = 0;
    std::vector<float> weights;
    bool operator==(const AtMeeting&) const = default;
};
/// It has come to the end of the run.
struct RankEnded {
    RankFigures figures;
    std::vector<float> weights;  ///< where they are needed
    bool operator==(const RankEnded&) const = default;
};
/// It can't go on: a peer is gone (others may go on without that), or something of its own.
struct RankFailed {
    std::optional<CommError::Kind> lost;  ///< none: its own fault
    std::string why;
    RankFigures figures;
    bool operator==(const RankFailed&) const = default;
};
/// The world is over for it, as it was told; what it has.
struct StateTold {
    std::uint32_t generation = 0;
    RankState state;  ///< its floats only when asked for them
    RankFigures figures;
    bool operator==(const StateTold&) const = default;
};
using RankTold = std::variant<StepTold, StepsSkipped, KilledByPlan, StandsBefore, AtMeeting, RankEnded,
                              RankFailed, StateTold>;

// To a rank.

/// How to reach another rank.
struct PeerPlace {
    Rank rank;
    std::string host;  ///< empty: by relay only
    std::uint16_t port = 0;
    std::string key;    ///< 32 bytes, for this pair and world only
    bool dial = false;  ///< this side dials
    bool operator==(const PeerPlace&) const = default;
};
/// A world begins, and the rank's part in it.
struct BeginWorld {
    std::uint32_t run = 0, generation = 0;
    Rank rank;
    std::string spec;            ///< JSON; `workers` is the size of this world
    std::int32_t ranksHere = 1;  ///< on the rank's computer
    Nanoseconds runBegan{0};     ///< by the host's clock
    Nanoseconds stoodStill{0};   ///< of that, until now
    Step firstStep;
    std::int64_t plannedSteps = 0;
    DataPlace data;
    std::string dataSha256;  ///< of the training samples it must have; empty: it makes them itself
    std::vector<PeerPlace> peers;
    std::string glooStore;           ///< [HOST]:PORT of the store, at the host's unless said; empty: no Gloo
    bool wantsSamples = true;        ///< spans and messages are of use to somebody
    bool keepsState = false;         ///< it goes on with the weights it has from the world before
    std::optional<RankState> state;  ///< else these; none: as the seed makes it
    bool operator==(const BeginWorld&) const = default;
};
/// The rank may begin steps up to `upTo`; at `end` it ends before the step after that. The run has stood
/// still for so long by now.
struct GoOn {
    Step upTo;
    bool end = false;
    Nanoseconds stoodStill{0};
    bool operator==(const GoOn&) const = default;
};
/// The evaluation is over.
struct MeetingOver {
    Nanoseconds stoodStill{0};
    bool operator==(const MeetingOver&) const = default;
};
/// Somebody lets something go wrong: a line of engine/control/control.h.
struct Strike {
    std::string command;
    bool operator==(const Strike&) const = default;
};
/// The world is over: no message of it will come any more. Answered by StateTold.
struct EndWorld {
    std::uint32_t generation = 0;
    bool wantsFloats = false;
    std::string why;
    bool operator==(const EndWorld&) const = default;
};
using RankOrder = std::variant<BeginWorld, GoOn, MeetingOver, Strike, EndWorld>;

}  // namespace rondo
