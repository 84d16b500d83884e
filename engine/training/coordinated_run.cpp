#include "engine/training/coordinated_run.h"

#include <boost/json/serialize.hpp>
#include <numeric>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/model_parallel.h"
#include "engine/config/run_spec_json.h"
#include "engine/config/validate.h"
#include "engine/control/control.h"
#include "engine/core/overloaded.h"
#include "engine/data/batch_plan.h"
#include "engine/run/consensus.h"
#include "engine/run/step_grants.h"
#include "engine/training/layers.h"
#include "engine/training/remote_books.h"
#include "engine/training/remote_worker.h"
#include "engine/training/run_frame.h"

namespace rondo {

namespace {

/// How long a member may take to say what it has when a world ends; longer, and it counts as lost.
constexpr std::chrono::seconds kAnswerWithin{20};
/// Who can't reach a peer may be the first to notice that it is gone: so long the coordinator waits to hear.
constexpr std::chrono::seconds kNewsWithin{6};

/// The clock of a run the ranks of which are elsewhere. It has no ranks of its own.
class StandingClock final : public Runtime {
  public:
    explicit StandingClock(const Crew& crew) : crew_(crew), began_(crew.now()) {}
    Nanoseconds began() const { return began_; }
    Nanoseconds stoodStill() const { return stood_; }
    void stand() {
        if (!standsSince_) standsSince_ = crew_.now();
    }
    void goOn() {
        if (standsSince_) stood_ += crew_.now() - *std::exchange(standsSince_, std::nullopt);
    }

    bool virtualTime() const override { return false; }
    Picoseconds now() const override { return standsSince_.value_or(crew_.now()) - began_ - stood_; }
    void outOfTime(FunctionRef<void()> work) override {
        stand();
        work();
        goOn();
    }
    void whileOthersWait(Rank, FunctionRef<void()> work) override { outOfTime(work); }

    int worldSize() const override { return 0; }
    void run(std::function<void(Rank)>) override { none(); }
    void cancel() override {}
    Communicator& communicator(Rank, Lane) override { none(); }
    const TrafficMeter& meter(Rank, Lane) const override { none(); }
    void observe(Rank, Lane, DeliveryObserver*) override { none(); }
    SideLane& sideLane(Rank) override { none(); }
    bool sideLaneOverlaps() const override { return false; }
    void charge(Picoseconds) override {}
    void idle(Picoseconds) override {}
    bool enterStep(Rank, Step) override { none(); }

  private:
    [[noreturn]] static void none() { throw std::logic_error("the ranks of this run are elsewhere"); }
    const Crew& crew_;
    const Nanoseconds began_;
    Nanoseconds stood_{0};
    std::optional<Nanoseconds> standsSince_;
};

class CoordinatedRun final : public RunFrame {
  public:
    CoordinatedRun(const RunSpec& spec, RunControl& control, EventSink& sink, Crew& crew, CrewInbox& inbox,
                   std::uint32_t run)
        : RunFrame(spec, control, sink, run), crew_(crew), inbox_(inbox) {}

  private:
    /// A rank of the present world.
    struct Member {
        MemberId id = 0;
        bool server = false;
        bool ended = false;  ///< in this world: it came to the end, failed, or said what it has
        bool lost = false;
        bool atMeeting = false;
        std::optional<StateTold> told;
        std::optional<RankFailed> failed;
        RankFigures figures;
        std::vector<float> weights;
    };
    enum class Outcome { Ended, Regroup };

    Nanoseconds now() const override { return clock_ ? nanosecondsOf(clock_->now()) : Nanoseconds{0}; }
    void train(std::int64_t plannedSteps) override;

    void beginWorld(const std::vector<MemberId>& workers, const std::optional<RankState>& state);
    Outcome carryOutWorld();
    void take(const FromMember& news);
    void take(Member& member, Rank rank, RankTold told);
    void letOn();
    /// It says what can't be: as good as lost.
    void broken(Member& member, const std::string& why);
    void evaluateMet(std::int64_t stepsDone);
    bool elastic() const;
    /// Whether the settings allow as many ranks as have joined; else they wait for another run.
    bool mayGrow() const;
    /// Ends the world and finds out who is left and what they have. Empty when nobody needs the weights.
    std::optional<RankState> endWorld(const std::string& why, std::vector<MemberId>& next);
    void awaitStates(const std::vector<Rank>& from);
    void complete(Rank lost);
    void measureWorld();
    void finish();

    int workersNow() const { return static_cast<int>(world_.workers); }
    Rank rankOf(MemberId member) const;
    std::vector<Overseen*> overseen();

    Crew& crew_;
    CrewInbox& inbox_;
    std::optional<StandingClock> clock_;
    std::unique_ptr<Algorithm> algorithm_;
    const StagePlan* plan_ = nullptr;
    std::optional<EpochOrders> orders_;
    std::optional<BubbleMeter> bubbles_;
    std::optional<Overseer> overseer_;
    std::vector<MemberId> serverIds_;
    std::string dataSha256_;

    // The present world.
    RunSpec world_;  ///< the settings with its number of workers
    std::uint32_t generation_ = 0;
    Step first_{0};
    DataPlace place_;
    std::int64_t planned_ = 0;
    std::unique_ptr<StepLedger> ledger_;
    std::optional<BatchPlan> batches_;
    std::optional<StepGrants> grants_;
    std::vector<Member> members_;  ///< by rank
    std::vector<std::unique_ptr<RemoteWorker>> remote_;
    std::string lostWords_;             ///< who was lost in this world, and why
    std::vector<MemberId> joined_;      ///< that wait for the next world
    std::vector<MemberId> keepStates_;  ///< whose own weights go on, where workers don't agree
    std::vector<FiguresOfRanks> measured_;
    int mostWorkers_ = 0;
};

Rank CoordinatedRun::rankOf(MemberId member) const {
    for (std::size_t rank = 0; rank < members_.size(); ++rank)
        if (members_[rank].id == member) return Rank{static_cast<std::int32_t>(rank)};
    return Rank{kNone};
}

std::vector<Overseen*> CoordinatedRun::overseen() {
    std::vector<Overseen*> all;
    for (const auto& worker : remote_) all.push_back(worker.get());
    return all;
}

bool CoordinatedRun::mayGrow() const {
    RunSpec larger = world_;
    larger.workers += static_cast<std::int64_t>(joined_.size());
    return validate(larger).empty();
}

bool CoordinatedRun::elastic() const {
    return !cutsModel(spec_);
}

void CoordinatedRun::train(std::int64_t plannedSteps) {
    clock_.emplace(crew_);
    planned_ = plannedSteps;
    world_ = spec_;
    algorithm_ = makeAlgorithm(spec_, result_.model);
    if (!algorithm_->lockStep()) control_.makeIndependent();
    if (const auto* inParts = dynamic_cast<const ModelParallel*>(algorithm_.get())) plan_ = &inParts->plan();
    const torch::Tensor start = initialWeights(result_.model, static_cast<std::uint64_t>(spec_.seed));
    startsFrom({start.data_ptr<float>(), static_cast<std::size_t>(start.numel())});
    orders_.emplace(data_->train.size(), static_cast<std::uint64_t>(spec_.seed));
    bubbles_.emplace(ranks_);
    ledger_ = std::make_unique<StepLedger>(ranks_);
    overseer_.emplace(spec_, *data_, *clock_, control_, sink_, *ledger_, sequence_, *algorithm_,
                      result_.model);

    // What was said before this run is about none of its ranks.
    while (inbox_.take(std::chrono::milliseconds(0))) {
    }
    std::vector<MemberId> workers = crew_.workers();
    if (static_cast<int>(workers.size()) < ranks_)
        throw std::runtime_error(std::to_string(workers.size()) + " workers have joined, the run needs " +
                                 std::to_string(ranks_));
    workers.resize(static_cast<std::size_t>(ranks_));
    serverIds_ = crew_.servers(servers_);
    // Files are on the coordinator's computer; what is made from the settings is the same everywhere.
    if (std::holds_alternative<IdxData>(spec_.data) || std::holds_alternative<TextData>(spec_.data))
        dataSha256_ = crew_.offer(data_);

    struct Woken {
        RunControl& control;
        ~Woken() {
            control.wakeOnCommand({});
            control.listenToFaults({});
        }
    } const woken{control_};
    control_.wakeOnCommand([this] { inbox_.wake(); });
    control_.listenToFaults([this](const FaultSpec& fault) {
        for (const MemberId member : crew_.workers()) crew_.order(member, Strike{toLine(InjectFault{fault})});
    });
    const Telling telling = tellStates();
    // However it ends, nobody goes on with it.
    struct Ending {
        CoordinatedRun& run;
        ~Ending() {
            for (const Member& member : run.members_)
                if (!member.ended && !member.lost)
                    run.crew_.order(member.id, EndWorld{run.generation_, false, "the run is over"});
        }
    } const ending{*this};

    std::optional<RankState> state;
    beginWorld(workers, state);
    while (carryOutWorld() == Outcome::Regroup) {
        const std::string why = std::exchange(lostWords_, {});
        state = endWorld(why, workers);
        ++generation_;
        lostWords_ = why;
        beginWorld(workers, state);
        lostWords_.clear();
    }
    finish();
    conclude(planned_, *overseer_);
}

void CoordinatedRun::beginWorld(const std::vector<MemberId>& workers, const std::optional<RankState>& state) {
    world_.workers = static_cast<std::int64_t>(workers.size());
    if (const Problems problems = validate(world_); generation_ > 0 && !problems.empty())
        throw std::runtime_error(lostWords_ + ", and the run can't go on with " +
                                 std::to_string(workers.size()) + ": " + textOf(problems));
    mostWorkers_ = std::max(mostWorkers_, workersNow());
    if (generation_ > 0) algorithm_ = makeAlgorithm(world_, result_.model);
    const auto* inParts = dynamic_cast<const ModelParallel*>(algorithm_.get());
    plan_ = inParts ? &inParts->plan() : nullptr;

    batches_.emplace(*orders_, world_.batch, meshOf(world_).data, world_.split,
                     BatchPlan::Start{first_, place_});
    planned_ = spec_.stop.steps.value_or(0);
    const auto atMost = [&](std::int64_t n) { planned_ = planned_ > 0 ? std::min(planned_, n) : n; };
    if (spec_.stop.rounds && !std::holds_alternative<SingleAlgorithm>(spec_.algorithm))
        atMost(*spec_.stop.rounds);
    if (spec_.stop.epochs) atMost(batches_->stepsUntil(*spec_.stop.epochs));

    const StepLedger::Before before{first_.value, ledger_->samplesTrained(), ledger_->payloadBytes()};
    auto ledger = std::make_unique<StepLedger>(
        workersNow(), spec_.evaluateEvery,
        algorithm_->lockStep() ? StepLedger::Grouping::ByStep : StepLedger::Grouping::ByFurthest, before);
    overseer_->beginWorld(workersNow(), *ledger, *algorithm_);
    ledger_ = std::move(ledger);
    control_.beginWorld(workersNow(), first_);
    const bool held = algorithm_->lockStep() && !algorithm_->skipsSteps();
    grants_.emplace(control_, workersNow(), first_, planned_, held ? spec_.evaluateEvery : 0,
                    plan_ && plan_->streams() ? plan_->mesh.pipeline : 0);

    std::vector<BeginWorld> orders;
    std::vector<MemberId> all = workers;
    all.insert(all.end(), serverIds_.begin(), serverIds_.end());
    members_.clear();
    remote_.clear();
    const std::string spec = boost::json::serialize(toJson(world_));
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Rank rank{static_cast<std::int32_t>(i)};
        Member member;
        member.id = all[i];
        member.server = i >= workers.size();
        BeginWorld order;
        order.run = run_;
        order.generation = generation_;
        order.rank = rank;
        order.spec = spec;
        order.runBegan = clock_->began();
        order.stoodStill = clock_->stoodStill();
        order.firstStep = first_;
        order.plannedSteps = planned_;
        order.data = place_;
        order.dataSha256 = dataSha256_;
        order.wantsSamples = sink_.wantsSamples();
        order.keepsState = generation_ > 0 &&
                           (member.server || std::find(keepStates_.begin(), keepStates_.end(), member.id) !=
                                                 keepStates_.end());
        if (!order.keepsState) order.state = state;
        orders.push_back(std::move(order));
        members_.push_back(std::move(member));
        if (!members_.back().server)
            remote_.push_back(std::make_unique<RemoteWorker>(rank, spec_, result_.model, plan_));
    }
    const std::vector<DirectedLink> links = algorithm_->links(100'000);
    crew_.arrange(all, orders, links);

    WorldChanged changed;
    changed.stamp = stamp();
    changed.generation = generation_;
    changed.firstStep = first_.value;
    changed.workers = workersNow();
    changed.why = lostWords_;
    sink_.publish(changed);
    for (std::size_t i = 0; i < all.size(); ++i) crew_.order(all[i], std::move(orders[i]));
}

CoordinatedRun::Outcome CoordinatedRun::carryOutWorld() {
    using Clock = std::chrono::steady_clock;
    std::optional<Clock::time_point> failedAt;
    for (;;) {
        if (const auto news = inbox_.take(std::chrono::milliseconds(200))) take(*news);
        letOn();

        const auto workersEnd = members_.begin() + workersNow();
        if (std::all_of(members_.begin(), members_.end(),
                        [](const Member& m) { return m.ended && !m.failed; }))
            return Outcome::Ended;
        // Where workers have all ended, what is lost now is lost by nobody.
        const bool trained =
            std::all_of(members_.begin(), workersEnd, [](const Member& m) { return m.ended && !m.failed; });
        const bool lost =
            std::any_of(members_.begin(), members_.end(), [](const Member& m) { return m.lost && !m.ended; });
        if (lost && !trained) {
            if (!elastic())
                throw CommError(CommError::Kind::PeerGone,
                                lostWords_ + ", and without its part of the model the others can't go on");
            return Outcome::Regroup;
        }
        if (!joined_.empty() && elastic() && !trained && mayGrow()) {
            grants_->gather();
            if (grants_->commonBorder() || !algorithm_->lockStep()) {
                for (const MemberId member : joined_)
                    lostWords_ += (lostWords_.empty() ? "" : ", ") + crew_.nameOf(member) + " joined";
                return Outcome::Regroup;
            }
        }
        const auto failed =
            std::find_if(members_.begin(), members_.end(), [](const Member& m) { return m.failed; });
        if (failed == members_.end()) continue;
        if (!failed->failed->lost)
            throw std::runtime_error(crew_.nameOf(failed->id) + ": " + failed->failed->why);
        // Somebody it needs is gone: who that is should be known in a moment.
        if (!failedAt) failedAt = Clock::now();
        if (Clock::now() - *failedAt > kNewsWithin)
            throw CommError(*failed->failed->lost, crew_.nameOf(failed->id) + ": " + failed->failed->why);
    }
}

void CoordinatedRun::take(const FromMember& news) {
    const Rank rank = rankOf(news.member);
    std::visit(Overloaded{
                   [&](const RankTold& told) {
                       if (rank.value != kNone) take(members_[rank.index()], rank, told);
                   },
                   [&](const MemberLost& lost) {
                       std::erase(joined_, news.member);
                       if (rank.value == kNone) return;
                       members_[rank.index()].lost = true;
                       lostWords_ +=
                           (lostWords_.empty() ? "" : ", ") + crew_.nameOf(news.member) + ": " + lost.why;
                   },
                   [&](const MemberJoined&) {
                       if (rank.value == kNone || members_[rank.index()].lost) joined_.push_back(news.member);
                   },
               },
               news.news);
}

void CoordinatedRun::take(Member& member, Rank rank, RankTold told) {
    // What a server says of steps, or a worker of a wrong one, is nothing to keep books of.
    const bool worker = !member.server;
    const auto publish = [&](const StepLedger::Completed& completed) {
        StepCompleted event;
        event.stamp = stamp();
        event.step = completed.step.value;
        event.epoch = static_cast<std::int32_t>(batches_->epochOf(completed.step));
        event.loss = completed.loss;
        event.samples = completed.samples;
        event.payloadBytes = completed.payloadBytes;
        sink_.publish(event);
    };
    std::visit(Overloaded{
                   [&](const StepTold& step) {
                       if (!worker) return;
                       if (!grants_->expects(rank, step.step))
                           return broken(member, "told of a step out of turn");
                       RemoteWorker& remote = *remote_[rank.index()];
                       remote.told(step.firstBegan, step.ended);
                       grants_->told(rank, step.step, step.ended);
                       ledger_->addLoss(rank, step.step, step.lossSum, step.samples);
                       if (step.share && plan_) bubbles_->add(step.step.value, *step.share);
                       if (const auto whole = ledger_->endStep(rank, step.step, step.payloadBytes))
                           publish(*whole);
                       overseer_->watch(remote, step.step);
                   },
                   [&](const StepsSkipped& steps) {
                       if (!worker) return;
                       if (steps.next < steps.first || steps.first.value != grants_->toldOf(rank).value + 1 ||
                           steps.next.value > grants_->furthest().value + 1)
                           return broken(member, "left out steps that nobody makes");
                       grants_->told(rank, Step{steps.next.value - 1}, Nanoseconds{0});
                       for (const auto& whole : ledger_->skip(rank, steps.first, steps.next)) publish(whole);
                   },
                   [&](const KilledByPlan& killed) {
                       if (!worker) return;
                       if (!grants_->letOn(rank, killed.first))
                           return broken(member, "left before a step out of turn");
                       grants_->leaves(rank);
                       for (const auto& whole : ledger_->leave(rank, killed.first)) publish(whole);
                   },
                   [&](const StandsBefore& border) {
                       if (worker) grants_->stands(rank, border.step);
                   },
                   [&](AtMeeting& meeting) {
                       if (!worker) return;
                       try {
                           if (!meeting.weights.empty())
                               remote_[rank.index()]->brings(std::move(meeting.weights));
                       } catch (const BadInput& wrong) {
                           return broken(member, wrong.what());
                       }
                       if (!meetsAfter(spec_, *algorithm_, meeting.stepsDone)) {
                           Overseen* const one[]{remote_[rank.index()].get()};
                           return overseer_->evaluate(one, ledger_->stepsCompleted());
                       }
                       member.atMeeting = true;
                       const bool all = std::all_of(members_.begin(), members_.begin() + workersNow(),
                                                    [](const Member& m) { return m.atMeeting || m.ended; });
                       if (all) evaluateMet(meeting.stepsDone);
                   },
                   [&](RankEnded& ended) {
                       member.ended = true;
                       member.figures = std::move(ended.figures);
                       member.weights = std::move(ended.weights);
                       if (worker) grants_->leaves(rank);
                   },
                   [&](RankFailed& failed) {
                       member.ended = true;
                       member.figures = failed.figures;
                       member.failed = std::move(failed);
                       if (worker) grants_->leaves(rank);
                   },
                   [&](StateTold& state) {
                       if (state.generation == generation_) member.told = std::move(state);
                   },
               },
               told);
}

void CoordinatedRun::broken(Member& member, const std::string& why) {
    if (member.lost) return;
    member.lost = true;
    lostWords_ += (lostWords_.empty() ? "" : ", ") + crew_.nameOf(member.id) + " " + why;
}

void CoordinatedRun::evaluateMet(std::int64_t stepsDone) {
    clock_->outOfTime([&] {
        const std::vector<Overseen*> all = overseen();
        overseer_->evaluate(all, stepsDone);
    });
    grants_->met(stepsDone);
    for (Member& member : members_) {
        if (!std::exchange(member.atMeeting, false)) continue;
        crew_.order(member.id, MeetingOver{clock_->stoodStill()});
    }
}

void CoordinatedRun::letOn() {
    // The first steps begin together, when all are ready.
    const bool begun = std::any_of(remote_.begin(), remote_.end(),
                                   [](const auto& worker) { return worker->lastStepEnded().count() > 0; });
    if (!begun && !grants_->allStand()) return;
    if (control_.paused() && grants_->allStand()) clock_->stand();
    for (int r = 0; r < workersNow(); ++r) {
        const auto grant = grants_->next(Rank{r});
        if (!grant) continue;
        clock_->goOn();
        crew_.order(members_[static_cast<std::size_t>(r)].id,
                    GoOn{grant->upTo, grant->end, clock_->stoodStill()});
    }
}

void CoordinatedRun::awaitStates(const std::vector<Rank>& from) {
    const auto due = std::chrono::steady_clock::now() + kAnswerWithin;
    const auto missing = [&] {
        return std::any_of(from.begin(), from.end(), [&](Rank rank) {
            return !members_[rank.index()].told && !members_[rank.index()].lost;
        });
    };
    while (missing()) {
        if (const auto news = inbox_.take(std::chrono::milliseconds(200))) take(*news);
        if (std::chrono::steady_clock::now() < due) continue;
        for (const Rank rank : from) {
            Member& member = members_[rank.index()];
            if (!member.told && !member.lost) {
                member.lost = true;
                lostWords_ += (lostWords_.empty() ? "" : ", ") + crew_.nameOf(member.id) + " did not answer";
            }
        }
    }
}

std::optional<RankState> CoordinatedRun::endWorld(const std::string& why, std::vector<MemberId>& next) {
    std::vector<Rank> asked;
    for (std::size_t r = 0; r < members_.size(); ++r) {
        Member& member = members_[r];
        if (member.lost) continue;
        asked.push_back(Rank{static_cast<std::int32_t>(r)});
        crew_.order(member.id, EndWorld{generation_, member.server, why});
    }
    awaitStates(asked);

    std::optional<Rank> furthest;
    std::int64_t done = first_.value;
    next.clear();
    keepStates_.clear();
    for (int r = 0; r < workersNow(); ++r) {
        Member& member = members_[static_cast<std::size_t>(r)];
        if (member.lost || !member.told) continue;
        if (furthest && member.told->state.stepsDone <= done) continue;
        furthest = Rank{r};
        done = std::max<std::int64_t>(member.told->state.stepsDone, first_.value);
    }
    if (!furthest) throw CommError(CommError::Kind::PeerGone, why + ", and nobody is left");
    for (Member& member : members_)
        if (member.server && !member.told)
            throw CommError(CommError::Kind::PeerGone, why + ", and a server with them");

    std::optional<RankState> state;
    if (servers_ > 0) {
        // Servers hold the model and go on with what they have; workers start from it.
        std::vector<float> weights;
        for (const Member& member : members_) {
            if (!member.server) continue;
            for (const auto& [name, values] : member.told->state.floats)
                if (name == "weights") weights.insert(weights.end(), values.begin(), values.end());
        }
        // Servers that were never made have none: all begin from the seed, or from what they had.
        if (static_cast<std::int64_t>(weights.size()) == result_.model.parameters())
            state = RankState{done, {{"weights", std::move(weights)}}, {}};
    } else {
        Member& source = members_[furthest->index()];
        StateTold before = *std::exchange(source.told, std::nullopt);
        crew_.order(source.id, EndWorld{generation_, true, why});
        awaitStates({*furthest});
        if (!source.told)
            throw CommError(CommError::Kind::PeerGone, lostWords_ + ", who alone had the last step");
        state = withoutOwn(source.told->state);
        source.told->figures = before.figures;
        // Those that finished as many steps have the same, or weights of their own.
        for (int r = 0; r < workersNow(); ++r) {
            const Member& member = members_[static_cast<std::size_t>(r)];
            if (!member.lost && member.told &&
                (!algorithm_->agrees() || member.told->state.stepsDone == done))
                keepStates_.push_back(member.id);
        }
    }
    for (Member& member : members_)
        if (member.told && !member.ended) member.figures = member.told->figures;
    measureWorld();

    if (done > first_.value) place_ = batches_->placeAfter(Step{static_cast<std::int32_t>(done - 1)});
    first_ = Step{static_cast<std::int32_t>(done)};
    for (const Member& member : members_)
        if (!member.server && !member.lost && member.told) next.push_back(member.id);
    for (const MemberId member : std::exchange(joined_, {})) next.push_back(member);
    return state;
}

void CoordinatedRun::measureWorld() {
    FiguresOfRanks figures;
    // Servers keep their places behind the workers of the largest world.
    const auto places = static_cast<std::size_t>(std::max(mostWorkers_, ranks_));
    const auto placeOfRank = [&](Rank rank) {
        const auto own = rank.index();
        return own < static_cast<std::size_t>(workersNow())
                   ? own
                   : places + own - static_cast<std::size_t>(workersNow());
    };
    figures.resize(places + static_cast<std::size_t>(servers_));
    for (std::size_t r = 0; r < members_.size(); ++r) {
        RankFigures moved = members_[r].figures;
        moved.sentTo.clear();
        for (const auto& [to, traffic] : members_[r].figures.sentTo)
            moved.sentTo[Rank{static_cast<std::int32_t>(placeOfRank(to))}] += traffic;
        figures[placeOfRank(Rank{static_cast<std::int32_t>(r)})] = std::move(moved);
    }
    measured_.push_back(std::move(figures));
}

void CoordinatedRun::finish() {
    Report& report = result_.report;
    report.steps = ledger_->stepsCompleted();
    report.rounds = report.steps * algorithm_->roundsPerStep();
    report.secondEigenvalue = prediction_.secondEigenvalue;
    measureWorld();
    std::optional<double> seconds;
    std::optional<Picoseconds> begin;
    Picoseconds end{0};
    for (const FiguresOfRanks& world : measured_) {
        measureInto(report, world, static_cast<int>(world.size()) - servers_);
        for (const auto& rank : world) {
            if (!rank || rank->lastStepEnded.count() == 0) continue;
            begin = std::min(begin.value_or(rank->firstStepBegan), rank->firstStepBegan);
            end = std::max(end, rank->lastStepEnded);
        }
    }
    if (begin) report.seconds = secondsOf(end - *begin);
    if (report.seconds > 0)
        report.samplesPerSecond = static_cast<double>(ledger_->samplesTrained()) / report.seconds;
    if (report.stages) report.stages->bubbleFraction = bubbles_->fraction();

    std::optional<double> distance;
    const auto n = static_cast<std::size_t>(result_.model.parameters());
    if (overseer_->putsTogether()) {
        result_.weights.resize(n);
        for (std::size_t r = 0; r < remote_.size(); ++r) {
            remote_[r]->brings(std::move(members_[r].weights));
            remote_[r]->putPart(result_.weights);
        }
    } else if (servers_ > 0) {
        for (const Member& member : members_)
            if (member.server)
                result_.weights.insert(result_.weights.end(), member.weights.begin(), member.weights.end());
    } else if (overseer_->meansOverWorkers()) {
        ConsensusMeter meter(workersNow());
        for (std::size_t r = 0; r < remote_.size(); ++r)
            if (auto consensus = meter.add(0, members_[r].weights)) {
                result_.weights = std::move(consensus->mean);
                distance = consensus->distance;
            }
    } else {
        result_.weights = std::move(members_[0].weights);
    }
    if (result_.weights.size() != n)
        throw std::runtime_error("the weights that came are " + std::to_string(result_.weights.size()) +
                                 ", expected " + std::to_string(n));
    if (report.steps > 0) overseer_->finish(*remote_[0], report.steps, distance, result_.weights);
    report.history = overseer_->takeHistory();
}

}  // namespace

TrainingResult coordinateTraining(const RunSpec& spec, RunControl& control, EventSink& sink, Crew& crew,
                                  CrewInbox& inbox, std::uint32_t run, const DataSource& source) {
    return CoordinatedRun(spec, control, sink, crew, inbox, run).execute(source);
}

}  // namespace rondo
