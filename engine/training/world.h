#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/algorithms/algorithm.h"
#include "engine/control/run_control.h"
#include "engine/data/batch_plan.h"
#include "engine/events/event_sink.h"
#include "engine/run/bubble_meter.h"
#include "engine/run/measured.h"
#include "engine/run/step_grants.h"
#include "engine/run/step_ledger.h"
#include "engine/training/crew.h"
#include "engine/training/evaluation_times.h"
#include "engine/training/overseer.h"
#include "engine/training/remote_worker.h"
#include "engine/training/standing_clock.h"

namespace rondo {

/// Faults that somebody's click has brought into the run, for the worlds to come. Thread: any.
class InjectedFaults {
  public:
    void add(FaultSpec fault, double now) {
        if (!fault.atStep) fault.atSecond = now;
        const std::lock_guard lock(mutex_);
        faults_.push_back(fault);
    }
    std::vector<FaultSpec> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(faults_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<FaultSpec> faults_;
};

/// What the worlds of a coordinated run share; outlives them.
struct WorldsOfRun {
    const RunSpec& spec;  ///< as the run began
    const ModelPlan& model;
    RunControl& control;
    EventSink& sink;
    Crew& crew;
    CrewInbox& inbox;
    StandingClock& clock;
    Overseer& overseer;
    BubbleMeter& bubbles;
    EpochOrders& orders;
    EventSequence& sequence;
    InjectedFaults& injected;
    std::uint32_t run = 0;
    std::string dataSha256;             ///< of samples that members ask for; empty: they make them
    std::vector<MemberId> joined = {};  ///< that wait for a world they have room in
};

/// How a world begins.
struct WorldStart {
    RunSpec spec = {};  ///< with its number of workers
    std::uint32_t generation = 0;
    Step first{0};
    DataPlace place = {};
    StepLedger::Before before = {};
    std::optional<Nanoseconds> runBegan = {};  ///< the first step of the run; none yet
    std::vector<MemberId> workers = {}, servers = {};
    std::optional<RankState> state = {};  ///< of those that don't keep their own; none: as the seed makes it
    std::vector<MemberId> keepStates = {};  ///< who goes on with what it has
    bool owesEvaluation = false;            ///< the world before ended while it was evaluated
    std::string why = {};                   ///< of all but the first
};

/// Ranks, size and place in the data of a coordinated run, from one change of its members to the next: gives
/// each rank its part, lets it on step by step, and keeps the books of what it tells. A member that is lost,
/// fails or says what can't be ends it; one that joins does at a border all share.
///
/// Thread: the coordinator's.
class World {
  public:
    /// Everybody is told to begin. Throws when the settings can't be carried out by so many.
    World(WorldsOfRun& run, const WorldStart& start);
    /// Who still trains is told that the run is over.
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    enum class Outcome { Ended, Regroup };
    /// Until all have come to the end, or others are to go on. Throws when nobody can.
    Outcome carryOut();
    /// Ends it early, and finds out where the next one begins and with whom. Throws CommError when nobody
    /// could go on.
    WorldStart end();
    /// Ends it for good where it has failed: what members have measured is known then, as far as they still
    /// answer.
    void abandon(const std::string& why);

    std::int64_t plannedSteps() const { return planned_; }
    const StepLedger& ledger() const { return *ledger_; }
    const Algorithm& algorithm() const { return *algorithm_; }
    FiguresOfRanks figures() const;

    /// Once it has ended by itself: the weights of the run, and of workers that have their own the distance
    /// from their mean.
    struct Weights {
        std::vector<float> whole;
        std::optional<double> distance;
    };
    Weights takeWeights();
    Overseen& first() { return *remote_.front(); }

  private:
    /// A rank.
    struct Member {
        MemberId id = 0;
        bool server = false;
        bool ended = false;   ///< it came to the end of the run
        bool killed = false;  ///< by a planned fault
        bool lost = false;    ///< nothing is to be expected of it any more
        bool atMeeting = false;
        std::optional<StateTold> told;
        std::optional<RankFailed> failed;  ///< since it can't reach another one
        RankFigures figures;
        std::vector<float> weights;
        std::chrono::steady_clock::time_point heard;
    };

    void plan(const WorldStart& start);
    void meetIfAll();
    void give(const WorldStart& start);
    void catchUp(const WorldStart& start);
    Rank rankOf(MemberId member) const;
    bool workersEnded() const;
    void take(const FromMember& news);
    void take(Member& member, Rank rank, RankTold told);
    // What a worker tells; one that says what can't be counts as lost.
    void takeStep(Member& member, Rank rank, const StepTold& step);
    void takeSkipped(Member& member, Rank rank, const StepsSkipped& steps);
    void takeKilled(Member& member, Rank rank, const KilledByPlan& killed);
    void takeMeeting(Member& member, Rank rank, AtMeeting meeting);
    void takeFailed(Member& member, RankFailed failed);
    void tellCompleted(const StepLedger::Completed& completed);
    void letOn();
    void evaluateMet(std::int64_t stepsDone);
    void lose(Member& member, const std::string& why);
    void loseSilent();
    void addWhy(const std::string& words);
    bool mayGrow() const;
    /// Everybody stops and says what it has; who doesn't in time is lost.
    void halt(const std::string& why, std::chrono::seconds within);
    void await(const std::vector<Rank>& from, std::chrono::seconds within);
    /// After how many steps the next world begins.
    std::int64_t stepsDone() const;
    std::optional<RankState> stateOfServers(std::int64_t done) const;
    RankState stateOfOneWith(std::int64_t done);
    StepLedger::Before booksAfter(std::int64_t done);
    void choosePlaces(WorldStart& next);
    std::optional<Nanoseconds> began() const;

    WorldsOfRun& run_;
    const RunSpec spec_;  ///< of this world
    const std::uint32_t generation_;
    const Step first_;
    const DataPlace place_;
    const std::optional<Nanoseconds> runBegan_;
    std::unique_ptr<Algorithm> algorithm_;
    const StagePlan* stages_ = nullptr;  ///< of a model in parts
    std::optional<EvaluationTimes> times_;
    std::optional<BatchPlan> batches_;
    std::int64_t planned_ = 0;
    std::unique_ptr<StepLedger> ledger_;
    std::optional<StepGrants> grants_;
    std::vector<Member> members_;  ///< by rank
    std::vector<std::unique_ptr<RemoteWorker>> remote_;
    std::string why_;  ///< who was lost or joined, as it came
    std::optional<std::chrono::steady_clock::time_point> failedAt_;
    bool begun_ = false;  ///< all were ready once
    bool over_ = false;   ///< everybody knows
};

}  // namespace rondo
