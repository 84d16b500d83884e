#include "engine/training/training_run.h"

#include <thread>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/model_parallel.h"
#include "engine/comm/local/local_runtime.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/run/fault_plan.h"
#include "engine/training/blas.h"
#include "engine/training/layers.h"
#include "engine/training/local_books.h"
#include "engine/training/ranks_of_run.h"
#include "engine/training/run_frame.h"

namespace rondo {

namespace {

int cores() {
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// A run all ranks of which are in this process.
class LocalRun final : public RunFrame {
  public:
    using RunFrame::RunFrame;

  private:
    Nanoseconds now() const override { return runtime_ ? nanosecondsOf(runtime_->now()) : Nanoseconds{0}; }

    void train(std::int64_t plannedSteps) override {
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
        if (inParts) {
            if (!spec_.weights.modelled) {
                const torch::Tensor start =
                    rondo::initialWeights(result_.model, static_cast<std::uint64_t>(spec_.seed));
                startsFrom({start.data_ptr<float>(), static_cast<std::size_t>(start.numel())});
            }
            partCosts.emplace(spec_, result_.model, inParts->plan());
            parts.emplace(SharedParts{inParts->plan(), *partCosts, initialWeights_, bubbles});
        }
        const auto buckets = planBuckets(result_.model, spec_.algorithm);
        EpochOrders orders(data_->train.size(), static_cast<std::uint64_t>(spec_.seed));
        StepLedger ledger(
            ranks_, spec_.evaluateEvery,
            algorithm->lockStep() ? StepLedger::Grouping::ByStep : StepLedger::Grouping::ByFurthest);
        Overseer overseer(spec_, *data_, *runtime_, control_, sink_, ledger, sequence_, *algorithm,
                          result_.model);
        LocalBooks books(ledger, overseer);
        SharedRun shared{spec_,
                         *data_,
                         result_.model,
                         costs,
                         buckets,
                         *runtime_,
                         sink_,
                         orders,
                         books,
                         faults,
                         run_,
                         plannedSteps,
                         BatchPlan::Start{Step{0}, {}},
                         parts ? &*parts : nullptr};
        RanksOfRun ranks;
        ranks.workers.resize(static_cast<std::size_t>(ranks_));
        ranks.servers.resize(static_cast<std::size_t>(servers_));

        const Telling telling = tellStates();
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
                if (rank.value == 0 && !inParts) startsFrom(worker->weights().floats());
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
        const FiguresOfRanks figures = figuresOf(ranks, *runtime_);
        if (report.steps > 0) report.seconds = secondsOfSteps(figures);
        if (report.seconds > 0)
            report.samplesPerSecond = static_cast<double>(ledger.samplesTrained()) / report.seconds;
        measureInto(report, figures, ranks_);
        if (report.stages) report.stages->bubbleFraction = bubbles.fraction();
        report.history = overseer.takeHistory();
        if (failure) std::rethrow_exception(failure);
        if (!inParts) {
            const auto weights = ranks.workers[0]->weights().floats();
            result_.weights.assign(weights.begin(), weights.end());
        }
        conclude(plannedSteps, overseer);
    }

    std::unique_ptr<Runtime> runtime_;
};

}  // namespace

std::shared_ptr<const Dataset> loadData(const RunSpec& spec, const std::stop_token& stop) {
    return std::make_shared<Dataset>(
        loadDataset(spec.data, static_cast<std::uint64_t>(spec.seed), cores(), stop));
}

TrainingResult runTraining(const RunSpec& spec, RunControl& control, EventSink& sink, std::uint32_t run,
                           const DataSource& source) {
    return LocalRun(spec, control, sink, run).execute(source);
}

}  // namespace rondo
