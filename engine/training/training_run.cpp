#include "engine/training/training_run.h"

#include <c10/util/Exception.h>

#include <boost/json/serialize.hpp>
#include <chrono>
#include <cmath>
#include <thread>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/predict.h"
#include "engine/comm/local/local_runtime.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/config/run_spec_json.h"
#include "engine/run/fault_plan.h"
#include "engine/run/sha256.h"
#include "engine/training/blas.h"
#include "engine/training/evaluator.h"
#include "engine/training/overseer.h"
#include "engine/training/torch_server.h"
#include "engine/training/torch_worker.h"

namespace rondo {

namespace {

using WallClock = std::chrono::steady_clock;

/// An event has a greatest size; whoever reads it has seen every evaluation as an event of its own.
constexpr std::size_t kHistoryInEvent = 2000;

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

    void failed(std::string why) {
        for (const FaultHappened& fault : result_.report.faults)
            if (fault.kind == FaultKind::Kill)
                why = "worker " + std::to_string(fault.stamp.rank.value) + " was killed before step " +
                      std::to_string(fault.step) + ", and the others can't go on without it: " + why;
        result_.report.status = RunState::Failed;
        result_.report.error = why;
        result_.weights.clear();
    }

    TrainingResult end() {
        result_.report.eventsDropped = sink_.dropped() - droppedBefore_;
        RunEnded ended;
        ended.stamp = stamp();
        ended.state = result_.report.status;
        ended.report = boost::json::serialize(toJson(result_.report, kHistoryInEvent));
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
        FaultPlan faults(spec_.faults);
        const struct Listening {
            RunControl& control;
            ~Listening() { control.listenToFaults({}); }
        } listening{control_};
        control_.listenToFaults([&](const FaultSpec& fault) { faults.add(fault); });
        runtime_ = spec_.runOn == RunOn::Virtual
                       ? makeVirtualRuntime(ranks_ + servers_, spec_.cluster,
                                            static_cast<std::uint64_t>(spec_.seed), control_, &faults)
                       : makeLocalRuntime(ranks_ + servers_, control_, SideLanePolicy::Auto, ranks_);
        const auto algorithm = makeAlgorithm(spec_);
        if (!algorithm->lockStep()) control_.makeIndependent();
        if (algorithm->overlaps() && ranks_ > 1 && !runtime_->sideLaneOverlaps())
            notice(Notice::Kind::Information, "Overlap needs two cores for each worker; this computer has " +
                                                  std::to_string(cores()) +
                                                  ", so gradients are sent right after the backward pass.");
        const CostModel costs(spec_, result_.model);
        const auto buckets = planBuckets(result_.model, spec_.algorithm);
        EpochOrders orders(data_->train.size(), static_cast<std::uint64_t>(spec_.seed));
        StepLedger ledger(
            ranks_, spec_.evaluateEvery,
            algorithm->lockStep() ? StepLedger::Grouping::ByStep : StepLedger::Grouping::ByFurthest);
        Overseer overseer(spec_, *data_, *runtime_, control_, sink_, ledger, sequence_, *algorithm);
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
                         [&](TorchWorker& worker, Step step) { overseer.afterStep(worker, step); }};
        Workers workers(static_cast<std::size_t>(ranks_));
        Servers servers(static_cast<std::size_t>(servers_));
        std::vector<float> initialWeights;

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
                    auto& server = servers[rank.index() - workers.size()];
                    server = std::make_unique<TorchServer>(shared, rank);
                    server->lane().record(Phase::Preprocess, Picoseconds{0}, runtime_->now());
                    return algorithm->serve(*server);
                }
                auto& worker = workers[rank.index()];
                worker = std::make_unique<TorchWorker>(shared, rank);
                worker->computeLane().record(Phase::Preprocess, Picoseconds{0}, runtime_->now());
                if (rank.value == 0) {
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
            collectWeights(*workers[0], servers);
            const auto distance = overseer.meansOverWorkers() ? collectMean(workers) : std::nullopt;
            if (report.steps > 0) overseer.finish(*workers[0], report.steps, distance);
        }
        fillTimes(workers, servers, ledger);
        fillTraffic();
        fillStaleness(servers);
        fillCompression(workers);
        for (const FaultPlan::Struck& struck : faults.untold(runtime_->now()))
            if (const auto& worker = workers[static_cast<std::size_t>(struck.fault.worker)])
                worker->tell(struck);
        for (const auto& worker : workers)
            if (worker)
                report.faults.insert(report.faults.end(), worker->faults().begin(), worker->faults().end());
        report.history = overseer.takeHistory();
        if (failure) std::rethrow_exception(failure);
        fillWeights(*workers[0], initialWeights);
        if (!report.history.empty()) {
            report.testAccuracy = report.history.back().testAccuracy;
            report.testLoss = report.history.back().testLoss;
            report.trainLoss = report.history.back().trainLoss;
        }
        const bool reachedPlan = plannedSteps > 0 && report.steps >= plannedSteps;
        report.status = reachedPlan || overseer.conditionMet() ? RunState::Finished : RunState::Stopped;
    }

    // A worker that was never made, since the run failed before, is null.
    using Workers = std::vector<std::unique_ptr<TorchWorker>>;
    using Servers = std::vector<std::unique_ptr<TorchServer>>;

    /// What servers hold is the model; a worker may have older parameters.
    static void collectWeights(TorchWorker& worker, const Servers& servers) {
        auto whole = worker.weights().floats();
        for (const auto& server : servers) {
            const auto shard = server->weights().floats();
            std::copy(shard.begin(), shard.end(), whole.begin());
            whole = whole.subspan(shard.size());
        }
    }

    /// Where workers have weights of their own, the model is their mean; returns their distance from it.
    static std::optional<double> collectMean(const Workers& workers) {
        ConsensusMeter meter(static_cast<int>(workers.size()));
        std::optional<Consensus> consensus;
        for (const auto& worker : workers) consensus = meter.add(0, worker->weights().floats());
        std::copy(consensus->mean.begin(), consensus->mean.end(), workers[0]->weights().floats().begin());
        return consensus->distance;
    }

    void fillStaleness(const Servers& servers) {
        if (servers.empty()) return;
        auto& histogram = result_.report.staleness.emplace();
        for (const auto& server : servers) {
            if (!server) continue;
            const auto& own = server->staleness();
            result_.report.clockSpreadMax = std::max(result_.report.clockSpreadMax, server->clockSpread());
            histogram.resize(std::max(histogram.size(), own.size()));
            for (std::size_t i = 0; i < own.size(); ++i) histogram[i] += own[i];
        }
    }

    void fillCompression(const Workers& workers) {
        if (std::holds_alternative<NoCompression>(spec_.compression)) return;
        CompressionReport& compression = result_.report.compression.emplace();
        double errors = 0;
        for (const auto& worker : workers) {
            if (!worker || !worker->compressor()) continue;
            compression.denseBytes += worker->compressor()->tally().denseBytes;
            compression.encodedBytes += worker->compressor()->tally().encodedBytes;
            errors += worker->compressionErrors();
        }
        const double steps = static_cast<double>(result_.report.steps) * static_cast<double>(workers.size());
        if (steps > 0 && !spec_.weights.modelled) compression.error = errors / steps;
    }

    void fillTimes(const Workers& workers, const Servers& servers, const StepLedger& ledger) {
        Report& report = result_.report;
        if (report.steps > 0) {
            Picoseconds begin = workers[0]->firstStepBegan(), end{0};
            for (const auto& worker : workers) {
                begin = std::min(begin, worker->firstStepBegan());
                end = std::max(end, worker->lastStepEnded());
            }
            report.seconds = secondsOf(end - begin);
            if (report.seconds > 0)
                report.samplesPerSecond = static_cast<double>(ledger.samplesTrained()) / report.seconds;
        }
        for (const auto& worker : workers) {
            auto& phases = report.phases.emplace_back();
            if (!worker) continue;
            worker->flush();
            addPhases(phases, worker->computeLane());
            addPhases(phases, worker->communicationLane());
        }
        for (const auto& server : servers) {
            auto& phases = report.phases.emplace_back();
            if (!server) continue;
            server->lane().flush();
            addPhases(phases, server->lane());
        }
    }

    static void addPhases(std::map<Phase, double>& phases, const LaneRecorder& lane) {
        for (int p = 0; p < kPhases; ++p)
            if (const double seconds = lane.seconds()[static_cast<std::size_t>(p)]; seconds > 0)
                phases[static_cast<Phase>(p)] += seconds;
    }

    void fillTraffic() {
        for (int rank = 0; rank < ranks_ + servers_; ++rank) {
            std::map<Rank, LinkTraffic> sent;
            for (const Lane lane : {Lane::Compute, Lane::Communication})
                for (const auto& [to, traffic] : runtime_->meter(Rank{rank}, lane).sentTo())
                    sent[to] += traffic;
            for (const auto& [to, traffic] : sent) result_.report.links.push_back({Rank{rank}, to, traffic});
        }
    }

    void fillWeights(TorchWorker& worker, const std::vector<float>& initial) {
        const auto weights = worker.weights().floats();
        if (weights.empty()) return;  // modelled
        result_.weights.assign(weights.begin(), weights.end());
        result_.report.weightsSha256 = sha256(std::as_bytes(weights));
        double norm = 0, moved = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            norm += static_cast<double>(weights[i]) * weights[i];
            const double change = static_cast<double>(weights[i]) - initial[i];
            moved += change * change;
        }
        result_.report.weightsL2 = std::sqrt(norm);
        result_.report.updateL2 = std::sqrt(moved);
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
