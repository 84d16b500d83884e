#include "engine/training/training_run.h"

#include <thread>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/model_parallel.h"
#include "engine/comm/local/local_runtime.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/core/random.h"
#include "engine/run/fault_plan.h"
#include "engine/run/resumed_books.h"
#include "engine/run/savable.h"
#include "engine/run/worlds_measured.h"
#include "engine/training/blas.h"
#include "engine/training/card_state.h"
#include "engine/training/layers.h"
#include "engine/training/local_books.h"
#include "engine/training/local_checkpoints.h"
#include "engine/training/ranks_of_run.h"
#include "engine/training/run_frame.h"

namespace rondo {

namespace {

int cores() {
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// A count of the state's that can be a time of the run.
std::optional<Picoseconds> timeIn(const RankState& state, const char* name) {
    StateReader reader(state, "");
    const auto count = reader.count(name, 0);
    if (count && Picoseconds{*count} > kLongestRun)
        throw BadInput(Problem{name, std::to_string(*count) + ", later than any run ends"});
    return count ? std::optional(Picoseconds{*count}) : std::nullopt;
}

/// A run all ranks of which are in this process.
class LocalRun final : public RunFrame {
  public:
    using RunFrame::RunFrame;

  private:
    Nanoseconds now() const override { return runtime_ ? nanosecondsOf(runtime_->now()) : Nanoseconds{0}; }
    void train(std::int64_t plannedSteps) override;

    void makeRuntime();
    /// When the rank goes on; the beginning, where nothing is known.
    Picoseconds goesOnAt(Rank rank) const;
    void beginSaving();
    /// Of a run that has come to its end; what it left in its middle if it failed.
    void endSaving(bool failed);
    void tellSaved(const CheckpointWriter::Outcome& outcome);
    /// Before any worker comes to a border, where it may look into them.
    void makeServers(SharedRun& shared);
    void serve(Rank rank);
    void work(SharedRun& shared, Rank rank);
    /// Waits, in virtual time, until the rank's time to go on has come.
    void goOn(Rank rank);
    /// What it does when all have come to rest.
    void finish();
    void report();

    std::optional<FaultPlan> faults_;
    std::unique_ptr<Runtime> runtime_;
    VirtualRuntime* virtualTime_ = nullptr;  ///< the same, if it is one
    std::unique_ptr<Algorithm> algorithm_;
    std::optional<BubbleMeter> bubbles_;
    std::optional<StepLedger> ledger_;
    std::optional<Overseer> overseer_;
    RanksOfRun ranksOf_;
    Step first_{0};
    // Checkpoints. What waits to be written is written before anything else goes.
    std::string lastProblem_;  ///< of those it makes by itself; the writer's thread
    std::optional<CheckpointWriter> writer_;
    std::optional<LocalCheckpoints> checkpoints_;
};

Picoseconds LocalRun::goesOnAt(Rank rank) const {
    if (!resumed_) return Picoseconds{0};
    if (rank.value >= ranks_) {
        if (!goesOn(*resumed_, ranks_, servers_)) return Picoseconds{0};
        return timeIn(resumed_->states.own[rank.index()], kServerGoesOn).value_or(Picoseconds{0});
    }
    return figuresBefore(*resumed_, ranks_, servers_, rank).lastStepEnded;
}

void LocalRun::makeRuntime() {
    const auto seed = static_cast<std::uint64_t>(spec_.seed);
    const int all = ranks_ + servers_;
    if (spec_.runOn != RunOn::Virtual) {
        const auto from = resumed_ ? std::optional(stepTimes(resumed_->books).ended) : std::nullopt;
        runtime_ = makeLocalRuntime(all, control_, SideLanePolicy::Auto, ranks_, from);
        return;
    }
    VirtualStart start;
    if (resumed_) {
        start.now = goesOnAt(Rank{0});
        for (int rank = 1; rank < ranks_; ++rank) start.now = std::min(start.now, goesOnAt(Rank{rank}));
    }
    if (resumed_ && goesOn(*resumed_, ranks_, servers_))
        for (const RankState& state : resumed_->states.own)
            start.cards.push_back({timeIn(state, kSendFree).value_or(Picoseconds{0}),
                                   timeIn(state, kReceiveFree).value_or(Picoseconds{0})});
    // Jitter of before is not drawn again.
    const std::uint64_t ownSeed =
        resumed_ ? seedFor(seed, "goes on", static_cast<std::uint64_t>(resumed_->stepsDone)) : seed;
    auto made = makeVirtualRuntime(all, spec_.cluster, ownSeed, control_, &*faults_, start);
    virtualTime_ = made.get();
    runtime_ = std::move(made);
}

void LocalRun::train(std::int64_t plannedSteps) {
    const auto* mapReduce = std::get_if<MapReduceAlgorithm>(&spec_.algorithm);
    faults_.emplace(spec_.faults, FaultPlan::TaskFailures{mapReduce ? mapReduce->taskFailure : 0.0,
                                                          static_cast<std::uint64_t>(spec_.seed), ranks_});
    StepLedger::Before before;
    if (resumed_) {
        first_ = Step{static_cast<std::int32_t>(resumed_->stepsDone)};
        before = {resumed_->stepsDone, resumed_->books.samples, resumed_->books.payloadBytes};
        faults_->goOn(faultsOf(resumed_->books), stepTimes(resumed_->books).ended);
        control_.beginWorld(ranks_, first_);
    }
    const struct Listening {
        RunControl& control;
        ~Listening() { control.listenToFaults({}); }
    } listening{control_};
    control_.listenToFaults([&](const FaultSpec& fault) { faults_->add(fault); });
    makeRuntime();
    algorithm_ = makeAlgorithm(spec_, result_.model);
    if (!algorithm_->lockStep()) control_.makeIndependent();
    if (algorithm_->overlaps() && ranks_ > 1 && !runtime_->sideLaneOverlaps())
        notice(Notice::Kind::Information, "Overlap needs two cores for each worker; this computer has " +
                                              std::to_string(cores()) +
                                              ", so gradients are sent right after the backward pass.");
    const CostModel costs(spec_, result_.model);
    const auto* inParts = dynamic_cast<const ModelParallel*>(algorithm_.get());
    std::optional<PartCosts> partCosts;
    std::optional<SharedParts> parts;
    bubbles_.emplace(ranks_, resumed_
                                 ? BubbleMeter::Sum{resumed_->books.bubbleSum, resumed_->books.bubbleSteps}
                                 : BubbleMeter::Sum{});
    if (inParts) {
        if (!spec_.weights.modelled) {
            const torch::Tensor start =
                rondo::initialWeights(result_.model, static_cast<std::uint64_t>(spec_.seed));
            startsFrom({start.data_ptr<float>(), static_cast<std::size_t>(start.numel())});
        }
        partCosts.emplace(spec_, result_.model, inParts->plan());
        parts.emplace(SharedParts{inParts->plan(), *partCosts, initialWeights_, *bubbles_});
    }
    const auto buckets = planBuckets(result_.model, spec_.algorithm);
    EpochOrders orders(data_->train.size(), static_cast<std::uint64_t>(spec_.seed));
    ledger_.emplace(ranks_, spec_.evaluateEvery,
                    algorithm_->lockStep() ? StepLedger::Grouping::ByStep : StepLedger::Grouping::ByFurthest,
                    before);
    overseer_.emplace(spec_, *data_, *runtime_, control_, sink_, sequence_, result_.model);
    overseer_->beginWorld(ranks_, *ledger_, *algorithm_);
    if (resumed_) overseer_->goOn(resumed_->books.history);
    LocalBooks books(*ledger_, *overseer_);
    SharedRun shared{spec_,
                     *data_,
                     result_.model,
                     costs,
                     buckets,
                     *runtime_,
                     sink_,
                     orders,
                     books,
                     *faults_,
                     run_,
                     plannedSteps,
                     BatchPlan::Start{first_, resumed_ ? resumed_->place : DataPlace{}},
                     parts ? &*parts : nullptr};
    const struct Leaving {  // ranks use what they share until they go
        RanksOfRun& ranks;
        ~Leaving() { ranks = {}; }
    } leaving{ranksOf_};
    ranksOf_.workers.resize(static_cast<std::size_t>(ranks_));
    ranksOf_.servers.resize(static_cast<std::size_t>(servers_));

    beginSaving();
    const Telling telling = tellStates();
    std::exception_ptr failure;
    try {
        makeServers(shared);
        runtime_->run([&](Rank rank) {
            useOneTorchThread();
            if (rank.value >= ranks_)
                serve(rank);
            else
                work(shared, rank);
        });
    } catch (...) {
        failure = std::current_exception();
    }
    endSaving(failure != nullptr);

    result_.report.steps = ledger_->stepsCompleted();
    if (!failure) finish();
    report();
    if (failure) std::rethrow_exception(failure);
    if (!inParts) {
        const auto weights = ranksOf_.workers[0]->weights().floats();
        result_.weights.assign(weights.begin(), weights.end());
    }
    conclude(plannedSteps, *overseer_);
}

void LocalRun::goOn(Rank rank) {
    if (const Picoseconds wait = goesOnAt(rank) - runtime_->now(); virtualTime_ && wait.count() > 0)
        runtime_->charge(wait);
}

void LocalRun::makeServers(SharedRun& shared) {
    for (std::size_t i = 0; i < ranksOf_.servers.size(); ++i) {
        const Rank rank{ranks_ + static_cast<std::int32_t>(i)};
        ranksOf_.servers[i] = std::make_unique<TorchServer>(shared, rank);
        if (!resumed_) continue;
        ranksOf_.servers[i]->restore(stateFor(*resumed_, ranks_, servers_, rank));
        ranksOf_.servers[i]->goOn(figuresBefore(*resumed_, ranks_, servers_, rank));
    }
}

void LocalRun::serve(Rank rank) {
    TorchServer& server = *ranksOf_.servers[rank.index() - ranksOf_.workers.size()];
    server.lane().record(Phase::Preprocess, resumed_ ? runtime_->now() : Picoseconds{0}, runtime_->now());
    goOn(rank);
    algorithm_->serve(server);
}

void LocalRun::work(SharedRun& shared, Rank rank) {
    const Picoseconds from = resumed_ ? runtime_->now() : Picoseconds{0};
    auto& worker = ranksOf_.workers[rank.index()];
    worker = std::make_unique<TorchWorker>(shared, rank);
    if (rank.value == 0 && !shared.parts) startsFrom(worker->weights().floats());
    if (resumed_) {
        worker->restore(stateFor(*resumed_, ranks_, servers_, rank));
        worker->goOn(figuresBefore(*resumed_, ranks_, servers_, rank));
    }
    worker->computeLane().record(Phase::Preprocess, from, runtime_->now());
    runtime_->whileOthersWait(rank, [] {});  // everyone starts the first step together
    goOn(rank);
    algorithm_->train(*worker);
    worker->computeLane().flush();
}

void LocalRun::finish() {
    const Report& report = result_.report;
    std::optional<double> distance;
    if (overseer_->putsTogether())
        result_.weights = collectParts(ranksOf_, result_.model.parameters());
    else
        collectWeights(ranksOf_);
    if (overseer_->meansOverWorkers()) distance = collectMean(ranksOf_);
    if (report.steps > 0) overseer_->finish(*ranksOf_.workers[0], report.steps, distance, result_.weights);
}

void LocalRun::report() {
    Report& report = result_.report;
    report.rounds = report.steps * algorithm_->roundsPerStep();
    report.secondEigenvalue = prediction_.secondEigenvalue;
    for (const FaultPlan::Struck& struck : faults_->untold(runtime_->now()))
        if (const auto& worker = ranksOf_.workers[static_cast<std::size_t>(struck.fault.worker)])
            worker->tell(struck);
    WorldsMeasured worlds(servers_);
    if (resumed_)
        for (WorldFigures& world : worldsBefore(*resumed_, ranks_, servers_))
            worlds.add(std::move(world.ranks));
    worlds.add(figuresOf(ranksOf_, *runtime_));
    const FiguresOfRanks figures = worlds.together();
    if (report.steps > 0) report.seconds = secondsOfSteps(figures);
    if (report.seconds > 0)
        report.samplesPerSecond = static_cast<double>(ledger_->samplesTrained()) / report.seconds;
    measureInto(report, figures, worlds.workers());
    if (report.stages) report.stages->bubbleFraction = bubbles_->fraction();
    report.history = overseer_->takeHistory();
}

void LocalRun::beginSaving() {
    const Problems problems = savingProblems(spec_);
    if (!problems.empty()) {
        control_.listenToSaves([this, why = textOf(problems)](const std::string& file) {
            noticeFromOutside(Notice::Kind::Warning, "There is no checkpoint in " + file + ". " + why);
        });
        return;
    }
    writer_.emplace([this](const CheckpointWriter::Outcome& outcome) { tellSaved(outcome); });
    checkpoints_.emplace(
        LocalCheckpoints::Run{spec_, resumed_, first_, *runtime_, virtualTime_, ranksOf_, *ledger_,
                              *overseer_, *bubbles_, [this] { return wallSeconds(); }},
        *writer_);
    const CheckpointRule& rule = options_.checkpoints;
    control_.saveAtBorders(first_, rule.file.empty() ? 0 : rule.every, rule.file,
                           [this](Rank rank, const Save& save) {
                               if (checkpoints_->give(rank, save)) control_.saved(save);
                           });
}

void LocalRun::endSaving(bool failed) {
    std::vector<std::string> files;
    for (Save& save : control_.stopSaving())
        if (save.asked) files.push_back(std::move(save.file));
    if (!checkpoints_) return;
    if (!options_.checkpoints.file.empty() && !failed) files.push_back(options_.checkpoints.file);
    std::optional<Checkpoint> last;
    if (!files.empty() && !failed) last = checkpoints_->atEnd(ledger_->stepsCompleted());
    for (const std::string& file : files)
        if (last)
            writer_->write(file, true, *last);
        else
            noticeFromOutside(Notice::Kind::Warning, "There is no checkpoint in " + file +
                                                         ": the run ended before all ranks had come to one "
                                                         "step border.");
    checkpoints_.reset();
    writer_.reset();
}

void LocalRun::tellSaved(const CheckpointWriter::Outcome& outcome) {
    const std::string problem = textOf(outcome.problems);
    const std::string steps = std::to_string(outcome.stepsDone);
    if (!problem.empty() && (outcome.asked || problem != lastProblem_))
        noticeFromOutside(Notice::Kind::Warning,
                          "The checkpoint after " + steps + " steps is lost: " + problem);
    else if (problem.empty() && outcome.asked)
        noticeFromOutside(Notice::Kind::Information, "Checkpoint after " + steps + " steps: " + outcome.file);
    lastProblem_ = problem;
}

}  // namespace

std::shared_ptr<const Dataset> loadData(const RunSpec& spec, const std::stop_token& stop) {
    return std::make_shared<Dataset>(
        loadDataset(spec.data, static_cast<std::uint64_t>(spec.seed), cores(), stop));
}

TrainingResult runTraining(const RunSpec& spec, RunControl& control, EventSink& sink,
                           const TrainingOptions& options) {
    return LocalRun(spec, control, sink, options).execute(options.source);
}

}  // namespace rondo
