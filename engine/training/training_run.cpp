#include "engine/training/training_run.h"

#include <chrono>
#include <cmath>
#include <thread>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/predict.h"
#include "engine/comm/local/local_runtime.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/config/run_spec_json.h"
#include "engine/run/sha256.h"
#include "engine/training/blas.h"
#include "engine/training/evaluator.h"
#include "engine/training/torch_worker.h"

#include <boost/json/serialize.hpp>

namespace rondo {

namespace {

using WallClock = std::chrono::steady_clock;

/// Watches what a step has come to: evaluates when it is time, ends the run when a condition is met, tells of divergence
/// and speed. Its state belongs to rank 0's lane.
class Overseer {
  public:
    Overseer(const RunSpec& spec, const Dataset& data, Runtime& runtime, RunControl& control, EventSink& sink,
             StepLedger& ledger, std::uint32_t run)
        : spec_(spec), data_(data), runtime_(runtime), control_(control), sink_(sink), ledger_(ledger), run_(run) {}

    void afterStep(TorchWorker& worker, Step step) {
        const std::int64_t done = step.value + 1;
        if (worker.rank().value == 0) {
            standstillAtStepEnd_ = standstill_;
            watch(worker, step);
        }
        if (spec_.evaluateEvery == 0 || done % spec_.evaluateEvery != 0) return;
        const Picoseconds before = runtime_.now();
        runtime_.whileOthersWait(worker.rank(), [&] { evaluateNow(worker, done, before); });
        if (worker.rank().value == 0) standstill_ += runtime_.now() - before;
    }

    /// The last entry of the history, unless there is one for that step already.
    void finish(TorchWorker& worker, std::int64_t steps) {
        if (history_.empty() || history_.back().step != steps) evaluateNow(worker, steps, worker.lastStepEnded());
    }

    std::vector<HistoryEntry> takeHistory() {
        const auto completed = ledger_.completed();
        for (HistoryEntry& entry : history_)
            if (entry.step > 0 && entry.step <= static_cast<std::int64_t>(completed.size())) {
                const auto& step = completed[static_cast<std::size_t>(entry.step - 1)];
                entry.payloadBytes = step.payloadBytes;
                entry.trainLoss = step.loss;
            }
        return std::move(history_);
    }
    /// Time until the end of the last step in which ranks stood still for an evaluation.
    Picoseconds standstill() const { return standstillAtStepEnd_; }
    bool conditionMet() const { return conditionMet_; }

  private:
    Stamp stamp() { return {run_, Rank{kNone}, sequence_++, nanosecondsOf(runtime_.now())}; }

    void watch(TorchWorker& worker, Step step) {
        const Picoseconds now = runtime_.now();
        if (spec_.stop.seconds && secondsOf(now - worker.firstStepBegan() - standstill_) >= *spec_.stop.seconds) end();
        const auto loss = ledger_.lossOf(step);
        if (!diverged_ && loss && !std::isfinite(*loss)) {
            diverged_ = true;
            Notice notice;
            notice.stamp = stamp();
            notice.kind = Notice::Kind::Divergence;
            notice.step = step.value;
            notice.text = "The loss is no longer a number at step " + std::to_string(step.value + 1) +
                          ": the run diverged. A smaller learning rate is the usual cure.";
            sink_.publish(notice);
        }
        const auto wall = WallClock::now();
        if (wall - lastGauge_ < std::chrono::milliseconds(250)) return;
        const std::int64_t samples = ledger_.samplesTrained();
        if (const double passed = secondsOf(now - gaugeFrom_); passed > 0 && lastGauge_ != WallClock::time_point{}) {
            Throughput gauge;
            gauge.stamp = stamp();
            gauge.samplesPerSecond = static_cast<double>(samples - gaugeSamples_) / passed;
            sink_.publish(gauge);
        }
        lastGauge_ = wall;
        gaugeFrom_ = now;
        gaugeSamples_ = samples;
    }

    void evaluateNow(TorchWorker& worker, std::int64_t done, Picoseconds stepEnd) {
        const auto boundary = decisionBoundary(worker.replica());
        Scores scores;
        worker.computeLane().span(Phase::Evaluate, [&] { scores = evaluate(worker.replica(), data_.test); });
        worker.computeLane().flush();
        HistoryEntry entry;
        entry.step = done;
        entry.round = std::holds_alternative<SingleAlgorithm>(spec_.algorithm) ? 0 : done;
        entry.seconds = secondsOf(stepEnd - worker.firstStepBegan() - standstillAtStepEnd_);
        entry.trainLoss = ledger_.lossOf(Step{static_cast<std::int32_t>(done - 1)});
        entry.testAccuracy = scores.accuracy;
        entry.testLoss = scores.loss;
        history_.push_back(entry);

        Evaluated event;
        event.stamp = stamp();
        event.step = static_cast<std::int32_t>(done);
        event.trainLoss = entry.trainLoss.value_or(std::numeric_limits<double>::quiet_NaN());
        event.testAccuracy = scores.accuracy;
        event.testLoss = scores.loss;
        sink_.publish(event);
        if (boundary) {
            DecisionBoundary picture = *boundary;
            picture.stamp = stamp();
            picture.step = event.step;
            sink_.publish(std::move(picture));
        }
        if (spec_.stop.accuracy && scores.accuracy >= *spec_.stop.accuracy) end();
    }

    void end() {
        conditionMet_ = true;
        control_.endAtNextBorder();
    }

    const RunSpec& spec_;
    const Dataset& data_;
    Runtime& runtime_;
    RunControl& control_;
    EventSink& sink_;
    StepLedger& ledger_;
    const std::uint32_t run_;
    std::uint64_t sequence_ = 1'000'000;  // after the run's own first events
    std::vector<HistoryEntry> history_;
    Picoseconds standstill_{0}, standstillAtStepEnd_{0}, gaugeFrom_{0};
    std::int64_t gaugeSamples_ = 0;
    WallClock::time_point lastGauge_{};
    bool conditionMet_ = false, diverged_ = false;
};

/// Puts the steps of a run in order; one object a run.
class TrainingRun {
  public:
    TrainingRun(const RunSpec& spec, RunControl& control, EventSink& sink, std::uint32_t run)
        : spec_(spec), control_(control), sink_(sink), run_(run), ranks_(static_cast<int>(spec.workers)) {}

    TrainingResult execute(std::shared_ptr<const Dataset> data) {
        useOneTorchThread();
        publishState(RunState::Preparing, "making the data");
        if (!data) data = std::make_shared<Dataset>(loadDataset(spec_.data, static_cast<std::uint64_t>(spec_.seed), cores()));
        data_ = data;
        result_.model = planModel(spec_.model, data_->train.shape);
        const Prediction prediction = predict(spec_, data_->train.size(), data_->train.shape);
        result_.report.spec = spec_;
        result_.report.parameters = result_.model.parameters();
        result_.report.predicted = toJson(prediction);
        start(prediction);
        const auto wallStart = WallClock::now();
        try {
            train(prediction.steps.value_or(0));
        } catch (const std::exception& error) {
            result_.report.status = RunState::Failed;
            result_.report.error = error.what();
        }
        result_.report.wallSeconds = std::chrono::duration<double>(WallClock::now() - wallStart).count();
        RunEnded ended;
        ended.stamp = stamp();
        ended.state = result_.report.status;
        ended.report = boost::json::serialize(toJson(result_.report));
        sink_.publish(ended);
        return std::move(result_);
    }

  private:
    static int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }
    Stamp stamp() { return {run_, Rank{kNone}, sequence_++, runtime_ ? nanosecondsOf(runtime_->now()) : Nanoseconds{0}}; }

    void publishState(RunState state, std::string detail = {}) {
        RunStateChanged event;
        event.stamp = stamp();
        event.state = state;
        event.detail = std::move(detail);
        sink_.publish(event);
    }

    void notice(Notice::Kind kind, std::string text) {
        Notice event;
        event.stamp = stamp();
        event.kind = kind;
        event.text = std::move(text);
        sink_.publish(event);
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
        started.unixMilliseconds =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        sink_.publish(started);
        if (auto preview = previewOf(data_->train)) {
            preview->stamp = stamp();
            sink_.publish(*std::move(preview));
        }
        const BlasInfo blas = blasInfo();
        if (!blas.openblas) notice(Notice::Kind::Warning, "LibTorch computes on the slow " + blas.description);
    }

    void train(std::int64_t plannedSteps) {
        runtime_ = spec_.runOn == RunOn::Virtual
                       ? makeVirtualRuntime(ranks_, spec_.cluster, static_cast<std::uint64_t>(spec_.seed), control_)
                       : makeLocalRuntime(ranks_, control_);
        const auto algorithm = makeAlgorithm(spec_.algorithm);
        if (algorithm->overlaps() && ranks_ > 1 && !runtime_->sideLaneOverlaps())
            notice(Notice::Kind::Information,
                   "Overlap needs two cores for each worker; this computer has " + std::to_string(cores()) +
                       ", so gradients are sent right after the backward pass.");
        const CostModel costs(spec_, result_.model);
        const auto buckets = planBuckets(result_.model, spec_.algorithm);
        EpochOrders orders(data_->train.size(), static_cast<std::uint64_t>(spec_.seed));
        StepLedger ledger(ranks_);
        Overseer overseer(spec_, *data_, *runtime_, control_, sink_, ledger, run_);
        SharedRun shared{spec_, *data_, result_.model, costs, buckets, *runtime_, sink_, orders, ledger, run_, plannedSteps,
                         [&](TorchWorker& worker, Step step) { overseer.afterStep(worker, step); }};
        std::vector<std::unique_ptr<TorchWorker>> workers(static_cast<std::size_t>(ranks_));
        std::vector<float> initialWeights;

        publishState(RunState::Running);
        runtime_->run([&](Rank rank) {
            useOneTorchThread();
            auto& worker = workers[rank.index()];
            worker = std::make_unique<TorchWorker>(shared, rank);
            worker->computeLane().record(Phase::Preprocess, Picoseconds{0}, runtime_->now());
            if (rank.value == 0) initialWeights.assign(worker->replica().weights().begin(), worker->replica().weights().end());
            runtime_->whileOthersWait(rank, [] {});  // everyone starts the first step together
            algorithm->train(*worker);
            worker->computeLane().flush();
        });

        Report& report = result_.report;
        report.steps = ledger.stepsCompleted();
        report.rounds = report.steps * algorithm->roundsPerStep();
        if (report.steps > 0) overseer.finish(*workers[0], report.steps);
        fillTimes(workers, overseer, ledger);
        fillTraffic(workers);
        fillWeights(*workers[0], initialWeights);
        report.history = overseer.takeHistory();
        if (!report.history.empty()) {
            report.testAccuracy = report.history.back().testAccuracy;
            report.testLoss = report.history.back().testLoss;
            report.trainLoss = report.history.back().trainLoss;
        }
        const bool reachedPlan = plannedSteps > 0 && report.steps >= plannedSteps;
        report.status = reachedPlan || overseer.conditionMet() ? RunState::Finished : RunState::Stopped;
    }

    void fillTimes(const std::vector<std::unique_ptr<TorchWorker>>& workers, const Overseer& overseer,
                   const StepLedger& ledger) {
        Report& report = result_.report;
        if (report.steps > 0) {
            Picoseconds begin = workers[0]->firstStepBegan(), end{0};
            for (const auto& worker : workers) {
                begin = std::min(begin, worker->firstStepBegan());
                end = std::max(end, worker->lastStepEnded());
            }
            report.seconds = secondsOf(end - begin - overseer.standstill());
            if (report.seconds > 0) report.samplesPerSecond = static_cast<double>(ledger.samplesTrained()) / report.seconds;
        }
        for (const auto& worker : workers) {
            auto& phases = report.phases.emplace_back();
            for (int p = 0; p < kPhases; ++p) {
                const auto index = static_cast<std::size_t>(p);
                const double seconds = worker->computeLane().seconds()[index] + worker->communicationLane().seconds()[index];
                if (seconds > 0) phases[static_cast<Phase>(p)] = seconds;
            }
        }
    }

    void fillTraffic(const std::vector<std::unique_ptr<TorchWorker>>& workers) {
        for (const auto& worker : workers) {
            std::map<Rank, LinkTraffic> sent;
            for (const Lane lane : {Lane::Compute, Lane::Communication})
                for (const auto& [to, traffic] : runtime_->meter(worker->rank(), lane).sentTo()) sent[to] += traffic;
            for (const auto& [to, traffic] : sent) result_.report.links.push_back({worker->rank(), to, traffic});
        }
    }

    void fillWeights(TorchWorker& worker, const std::vector<float>& initial) {
        const auto weights = worker.replica().weights();
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
    const int ranks_;
    std::uint64_t sequence_ = 0;
    std::shared_ptr<const Dataset> data_;
    std::unique_ptr<Runtime> runtime_;
    TrainingResult result_;
};

}  // namespace

TrainingResult runTraining(const RunSpec& spec, RunControl& control, EventSink& sink, std::uint32_t run,
                           std::shared_ptr<const Dataset> data) {
    return TrainingRun(spec, control, sink, run).execute(std::move(data));
}

}  // namespace rondo
