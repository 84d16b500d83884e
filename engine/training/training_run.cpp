#include "engine/training/training_run.h"

#include <c10/util/Exception.h>

#include <boost/json/serialize.hpp>
#include <chrono>
#include <thread>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/model_parallel.h"
#include "engine/algorithms/predict.h"
#include "engine/comm/local/local_runtime.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/config/run_spec_json.h"
#include "engine/run/fault_plan.h"
#include "engine/training/blas.h"
#include "engine/training/evaluator.h"
#include "engine/training/memory.h"
#include "engine/training/layers.h"
#include "engine/training/overseer.h"
#include "engine/training/ranks_of_run.h"

namespace rondo {

namespace {

using WallClock = std::chrono::steady_clock;

/// An event has a greatest size; whoever reads it has seen every evaluation and message as an event of its
/// own. A world where each sends to each has a million links.
constexpr ReportLimits kMostInEvent{.history = 2000, .links = 50'000};

int cores() {
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Puts the steps of a run in order; one object a run.
class TrainingRun {
  public:
    TrainingRun(const RunSpec& spec, RunControl& control, EventSink& sink, std::uint32_t run)
        : spec_(spec),
          control_(control),
          sink_(sink),
          run_(run),
          ranks_(static_cast<int>(spec.workers)),
          servers_(serversOf(spec)),
          droppedBefore_(sink.dropped()),
          sequence_{run, Rank{kNone}} {}

    TrainingResult execute(const DataSource& source) {
        useOneTorchThread();
        keepFreedMemory();
        result_.report.spec = spec_;
        try {
            prepare(source);
        } catch (const DataCancelled&) {
            result_.report.status = RunState::Stopped;
            return end();
        } catch (const std::exception& error) {
            failed(error.what());
            end();
            throw;
        }
        const auto wallStart = WallClock::now();
        try {
            train(prediction_.steps.value_or(0));
        } catch (const c10::Error& error) {
            failed(error.what_without_backtrace());
        } catch (const CommError& error) {
            const bool waits =
                error.kind() == CommError::Kind::PeerGone || error.kind() == CommError::Kind::Deadlock;
            failed(waits ? withLost(error.what()) : error.what());
        } catch (const std::exception& error) {
            failed(error.what());
        }
        control_.listen({});
        result_.report.wallSeconds = std::chrono::duration<double>(WallClock::now() - wallStart).count();
        return end();
    }

  private:
    Stamp stamp() { return sequence_.stamp(runtime_ ? nanosecondsOf(runtime_->now()) : Nanoseconds{0}); }

    void notice(Notice::Kind kind, std::string text) {
        Notice event;
        event.stamp = stamp();
        event.kind = kind;
        event.text = std::move(text);
        sink_.publish(event);
    }

    void prepare(const DataSource& source) {
        RunStateChanged preparing;
        preparing.stamp = stamp();
        preparing.detail = "making the data";
        sink_.publish(preparing);
        data_ = source(spec_, control_.stopToken());
        result_.model = planModel(spec_, data_->train.shape);
        prediction_ = predict(spec_, data_->train.size(), data_->train.shape);
        result_.report.parameters = result_.model.parameters();
        result_.report.predicted = toJson(prediction_);
        start(prediction_);
    }

    /// What a rank that waits for ever says, with whom it has lost.
    std::string withLost(const std::string& why) const {
        std::string lost;
        int workers = 0;
        for (const FaultHappened& fault : result_.report.faults) {
            if (fault.kind != FaultKind::Kill) continue;
            ++workers;
            lost += "worker " + std::to_string(fault.stamp.rank.value) + " was killed before step " +
                    std::to_string(fault.step) + ", ";
        }
        if (workers == 0) return why;
        return lost + "and the others can't go on without " + (workers == 1 ? "it: " : "them: ") + why;
    }

    void failed(std::string why) {
        result_.report.status = RunState::Failed;
        result_.report.error = why;
        result_.weights.clear();
    }

    TrainingResult end() {
        result_.report.eventsDropped = sink_.dropped() - droppedBefore_;
        RunEnded ended;
        ended.stamp = stamp();
        ended.state = result_.report.status;
        ended.report = boost::json::serialize(toJson(result_.report, kMostInEvent));
        sink_.publish(ended);
        return std::move(result_);
    }

    void start(const Prediction& prediction) {
        RunStarted started;
        started.stamp = stamp();
        started.spec = boost::json::serialize(toJson(spec_));
        started.prediction = boost::json::serialize(result_.report.predicted);
        started.workers = ranks_;
        started.virtualTime = spec_.runOn == RunOn::Virtual;
        started.parameters = result_.report.parameters;
        started.plannedSteps = prediction.steps.value_or(0);
        started.unixMilliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count();
        sink_.publish(started);
        if (auto preview = previewOf(data_->train)) {
            preview->stamp = stamp();
            sink_.publish(*std::move(preview));
        }
        const BlasInfo blas = blasInfo();
        if (!blas.openblas)
            notice(Notice::Kind::Warning, "LibTorch computes on the slow " + blas.description);
    }

    void train(std::int64_t plannedSteps) {
        const auto* mapReduce = std::get_if<MapReduceAlgorithm>(&spec_.algorithm);
        FaultPlan faults(spec_.faults, {mapReduce ? mapReduce->taskFailure : 0.0,
                                        static_cast<std::uint64_t>(spec_.seed), ranks_});
        const struct Listening {
            RunControl& control;
            ~Listening() { control.listenToFaults({}); }
        } listening{control_};
        control_.listenToFaults([&](const FaultSpec& fault) { faults.add(fault); });
        runtime_ = spec_.runOn == RunOn::Virtual
                       ? makeVirtualRuntime(ranks_ + servers_, spec_.cluster,
                                            static_cast<std::uint64_t>(spec_.seed), control_, &faults)
                       : makeLocalRuntime(ranks_ + servers_, control_, SideLanePolicy::Auto, ranks_);
        const auto algorithm = makeAlgorithm(spec_, result_.model);
        if (!algorithm->lockStep()) control_.makeIndependent();
        if (algorithm->overlaps() && ranks_ > 1 && !runtime_->sideLaneOverlaps())
            notice(Notice::Kind::Information, "Overlap needs two cores for each worker; this computer has " +
                                                  std::to_string(cores()) +
                                                  ", so gradients are sent right after the backward pass.");
        const CostModel costs(spec_, result_.model);
        const auto* inParts = dynamic_cast<const ModelParallel*>(algorithm.get());
        std::optional<PartCosts> partCosts;
        std::optional<SharedParts> parts;
        BubbleMeter bubbles(ranks_);
        std::vector<float> initialWeights;
        if (inParts) {
            if (!spec_.weights.modelled) {
                const torch::Tensor start =
                    rondo::initialWeights(result_.model, static_cast<std::uint64_t>(spec_.seed));
                initialWeights.assign(start.data_ptr<float>(), start.data_ptr<float>() + start.numel());
            }
            partCosts.emplace(spec_, result_.model, inParts->plan());
            parts.emplace(SharedParts{inParts->plan(), *partCosts, initialWeights, bubbles});
        }
        const auto buckets = planBuckets(result_.model, spec_.algorithm);
        EpochOrders orders(data_->train.size(), static_cast<std::uint64_t>(spec_.seed));
        StepLedger ledger(
            ranks_, spec_.evaluateEvery,
            algorithm->lockStep() ? StepLedger::Grouping::ByStep : StepLedger::Grouping::ByFurthest);
        Overseer overseer(spec_, *data_, *runtime_, control_, sink_, ledger, sequence_, *algorithm,
                          result_.model);
        SharedRun shared{spec_,
                         *data_,
                         result_.model,
                         costs,
                         buckets,
                         *runtime_,
                         sink_,
                         orders,
                         ledger,
                         faults,
                         run_,
                         plannedSteps,
                         [&](TorchWorker& worker, Step step) { overseer.afterStep(worker, step); },
                         parts ? &*parts : nullptr};
        RanksOfRun ranks;
        ranks.workers.resize(static_cast<std::size_t>(ranks_));
        ranks.servers.resize(static_cast<std::size_t>(servers_));

        control_.listen([this](RunState state) {
            RunStateChanged changed;
            changed.stamp = sequence_.stampAfterLast();
            changed.state = state;
            sink_.publish(changed);
        });
        std::exception_ptr failure;
        try {
            runtime_->run([&](Rank rank) {
                useOneTorchThread();
                if (rank.value >= ranks_) {
                    auto& server = ranks.servers[rank.index() - ranks.workers.size()];
                    server = std::make_unique<TorchServer>(shared, rank);
                    server->lane().record(Phase::Preprocess, Picoseconds{0}, runtime_->now());
                    return algorithm->serve(*server);
                }
                auto& worker = ranks.workers[rank.index()];
                worker = std::make_unique<TorchWorker>(shared, rank);
                worker->computeLane().record(Phase::Preprocess, Picoseconds{0}, runtime_->now());
                if (rank.value == 0 && !inParts) {
                    const auto start = worker->weights().floats();
                    initialWeights.assign(start.begin(), start.end());
                }
                runtime_->whileOthersWait(rank, [] {});  // everyone starts the first step together
                algorithm->train(*worker);
                worker->computeLane().flush();
            });
        } catch (...) {
            failure = std::current_exception();
        }

        Report& report = result_.report;
        report.steps = ledger.stepsCompleted();
        report.rounds = report.steps * algorithm->roundsPerStep();
        report.secondEigenvalue = prediction_.secondEigenvalue;
        if (!failure) {
            std::optional<double> distance;
            if (overseer.putsTogether())
                result_.weights = collectParts(ranks, result_.model.parameters());
            else
                collectWeights(ranks);
            if (overseer.meansOverWorkers()) distance = collectMean(ranks);
            if (report.steps > 0) overseer.finish(*ranks.workers[0], report.steps, distance, result_.weights);
        }
        for (const FaultPlan::Struck& struck : faults.untold(runtime_->now()))
            if (const auto& worker = ranks.workers[static_cast<std::size_t>(struck.fault.worker)])
                worker->tell(struck);
        report.seconds = ranks.seconds(report.steps);
        if (report.seconds > 0)
            report.samplesPerSecond = static_cast<double>(ledger.samplesTrained()) / report.seconds;
        measureInto(report, ranks, *runtime_);
        if (report.stages) report.stages->bubbleFraction = bubbles.fraction();
        report.history = overseer.takeHistory();
        if (failure) std::rethrow_exception(failure);
        if (!inParts) {
            const auto weights = ranks.workers[0]->weights().floats();
            result_.weights.assign(weights.begin(), weights.end());
        }
        if (!result_.weights.empty()) measureWeights(report, result_.weights, initialWeights);
        if (!report.history.empty()) {
            report.testAccuracy = report.history.back().testAccuracy;
            report.testLoss = report.history.back().testLoss;
            report.trainLoss = report.history.back().trainLoss;
        }
        const bool reachedPlan = plannedSteps > 0 && report.steps >= plannedSteps;
        report.status = reachedPlan || overseer.conditionMet() ? RunState::Finished : RunState::Stopped;
    }

    const RunSpec& spec_;
    RunControl& control_;
    EventSink& sink_;
    const std::uint32_t run_;
    const int ranks_;                    // that train
    const int servers_;                  // ranks after those
    const std::uint64_t droppedBefore_;  // by runs that had the same sink
    EventSequence sequence_;

    std::shared_ptr<const Dataset> data_;
    Prediction prediction_;
    std::unique_ptr<Runtime> runtime_;
    TrainingResult result_;
};

}  // namespace

std::shared_ptr<const Dataset> loadData(const RunSpec& spec, const std::stop_token& stop) {
    return std::make_shared<Dataset>(
        loadDataset(spec.data, static_cast<std::uint64_t>(spec.seed), cores(), stop));
}

TrainingResult runTraining(const RunSpec& spec, RunControl& control, EventSink& sink, std::uint32_t run,
                           const DataSource& source) {
    return TrainingRun(spec, control, sink, run).execute(source);
}

}  // namespace rondo
