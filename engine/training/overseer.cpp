#include "engine/training/overseer.h"

#include <cmath>

#include "engine/training/evaluator.h"

namespace rondo {

namespace {
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
}

Overseer::Overseer(const RunSpec& spec, const Dataset& data, Runtime& runtime, RunControl& control,
                   EventSink& sink, EventSequence& sequence, const ModelPlan& model)
    : spec_(spec),
      data_(data),
      runtime_(runtime),
      control_(control),
      sink_(sink),
      sequence_(sequence),
      model_(model),
      wholeWeights_(static_cast<int>(spec.workers), model.parameters()) {}

void Overseer::beginWorld(int workers, StepLedger& ledger, const Algorithm& algorithm) {
    algorithm_ = &algorithm;
    times_.emplace(spec_, algorithm);
    consensusMeter_.emplace(workers);
    ledger_ = &ledger;
}

std::int64_t Overseer::stepsDone(Step step) const {
    // Where ranks have steps of their own, the furthest counts.
    return algorithm_->lockStep() ? step.value + 1 : ledger_->stepsCompleted();
}

bool Overseer::watch(Overseen& worker, Step step) {
    const bool first = worker.rank().value == 0;
    const std::int64_t done = stepsDone(step);
    const Picoseconds now = runtime_.now();
    // Of ranks that go on by themselves each looks at the clock: rank 0 may be away, or done already.
    if (spec_.stop.seconds && (first || !algorithm_->lockStep()) &&
        secondsOf(now - worker.firstStepBegan()) >= *spec_.stop.seconds)
        end();
    if (first) {
        // The last stage may not have told of this step yet.
        watchLoss(Step{static_cast<std::int32_t>(done - (cutsModel(spec_) ? 2 : 1))});
        watchSpeed(now);
    }
    return times_->meetsAfter(done) || (first && times_->passesBy(done, evaluatedAt_));
}

void Overseer::afterStep(Overseen& worker, Step step) {
    if (!watch(worker, step)) return;
    const std::int64_t done = stepsDone(step);
    const auto evaluateOwn = [&] { evaluateWith(worker.model(), worker, done, {}); };
    if (!times_->meetsAfter(done))
        evaluateOwn();
    else if (meansOverWorkers() || putsTogether())
        meetAndEvaluate(worker, done);
    else
        runtime_.whileOthersWait(worker.rank(), evaluateOwn);
}

void Overseer::evaluate(std::span<Overseen* const> all, std::int64_t stepsDone) {
    if (!meansOverWorkers() && !putsTogether()) return evaluateWith(all[0]->model(), *all[0], stepsDone, {});
    for (Overseen* worker : all)
        if (gather(*worker, stepsDone)) evaluateGathered(*all[0], stepsDone);
}

bool Overseer::gather(Overseen& worker, std::int64_t stepsDone) {
    if (putsTogether()) {
        auto whole = wholeWeights_.add(stepsDone, [&](std::span<float> all) { worker.putPart(all); });
        if (whole) gathered_ = {*std::move(whole), std::nullopt};
        return whole.has_value();
    }
    auto consensus = consensusMeter_->add(stepsDone, worker.ownWeights());
    if (consensus) gathered_ = {std::move(consensus->mean), consensus->distance};
    return consensus.has_value();
}

void Overseer::evaluateGathered(Overseen& worker, std::int64_t stepsDone) {
    if (!evaluated_) evaluated_ = std::make_unique<Replica>(model_, static_cast<std::uint64_t>(spec_.seed));
    std::copy(gathered_.weights.begin(), gathered_.weights.end(), evaluated_->weights().begin());
    evaluateWith(evaluated_.get(), worker, stepsDone, gathered_.distance);
}

void Overseer::meetAndEvaluate(Overseen& worker, std::int64_t stepsDone) {
    const bool last = gather(worker, stepsDone);
    // In virtual time nobody is held: whoever comes last evaluates.
    if (!runtime_.virtualTime())
        runtime_.whileOthersWait(worker.rank(), [&] { evaluateGathered(worker, stepsDone); });
    else if (last)
        evaluateGathered(worker, stepsDone);
}

void Overseer::finish(Overseen& worker, std::int64_t steps, std::optional<double> distance,
                      std::span<const float> whole) {
    watchLoss(Step{static_cast<std::int32_t>(steps - 1)});
    if (!history_.empty() && history_.back().step == steps) {
        // Where others have changed the weights since, their end counts, unless the run was over by then.
        if (algorithm_->lockStep() || conditionMet_) return;
        history_.pop_back();
    }
    runtime_.outOfTime([&] {
        if (whole.empty()) return evaluateWith(worker.model(), worker, steps, distance);
        gathered_ = {{whole.begin(), whole.end()}, distance};
        evaluateGathered(worker, steps);
    });
}

void Overseer::goOn(std::vector<HistoryEntry> history) {
    history_ = std::move(history);
    evaluatedAt_ = history_.empty() ? 0 : history_.back().step;
}

std::vector<HistoryEntry> Overseer::takeHistory() {
    complete(history_);
    return std::move(history_);
}

void Overseer::complete(std::vector<HistoryEntry>& history) const {
    if (!algorithm_->lockStep()) return;
    // Only when all have ended a step is it sure that every rank has told its part of it.
    for (HistoryEntry& entry : history)
        if (const auto step = ledger_->completed(Step{static_cast<std::int32_t>(entry.step - 1)})) {
            entry.payloadBytes = step->payloadBytes;
            entry.trainLoss = step->loss;
        }
}

void Overseer::watchLoss(Step step) {
    const auto loss = ledger_->lossOf(step);
    if (diverged_ || spec_.weights.modelled || step.value < 0 || !loss || std::isfinite(*loss)) return;
    diverged_ = true;
    Notice notice;
    notice.stamp = stamp();
    notice.kind = Notice::Kind::Divergence;
    notice.step = step.value;
    notice.text = "The loss is no longer a number at step " + std::to_string(step.value + 1) +
                  ": the run diverged. A smaller learning rate is the usual cure.";
    sink_.publish(notice);
}

void Overseer::watchSpeed(Picoseconds now) {
    const auto wall = std::chrono::steady_clock::now();
    if (wall - speedTold_ < std::chrono::milliseconds(250)) return;
    const bool measured = speedTold_ != std::chrono::steady_clock::time_point{};
    const std::int64_t samples = ledger_->samplesTrained();
    if (const double passed = secondsOf(now - speedFrom_); measured && passed > 0) {
        Throughput gauge;
        gauge.stamp = stamp();
        gauge.samplesPerSecond = static_cast<double>(samples - speedSamples_) / passed;
        sink_.publish(gauge);
    }
    speedTold_ = wall;
    speedFrom_ = now;
    speedSamples_ = samples;
}

void Overseer::evaluateWith(const Replica* replica, Overseen& worker, std::int64_t stepsDone,
                            std::optional<double> distance) {
    Scores scores{kUnknown, kUnknown};
    if (replica) worker.evaluating([&] { scores = rondo::evaluate(*replica, data_.test); });
    HistoryEntry entry;
    entry.step = stepsDone;
    entry.round = stepsDone * algorithm_->roundsPerStep();
    entry.payloadBytes = ledger_->payloadBytes();
    evaluatedAt_ = stepsDone;
    entry.seconds = secondsOf(worker.lastStepEnded() - worker.firstStepBegan());
    entry.trainLoss = ledger_->lossOf(Step{static_cast<std::int32_t>(stepsDone - 1)});
    entry.testAccuracy = scores.accuracy;
    entry.testLoss = scores.loss;
    entry.consensusDistance = distance;
    history_.push_back(entry);

    Evaluated event;
    event.stamp = stamp();
    event.step = static_cast<std::int32_t>(stepsDone);
    event.trainLoss = entry.trainLoss.value_or(kUnknown);
    event.testAccuracy = scores.accuracy;
    event.testLoss = scores.loss;
    event.payloadBytes = entry.payloadBytes;
    sink_.publish(event);
    if (distance) {
        ConsensusMeasured measured;
        measured.stamp = stamp();
        measured.step = event.step;
        measured.distance = *distance;
        sink_.publish(measured);
    }
    if (auto boundary = replica ? decisionBoundary(*replica) : std::nullopt) {
        boundary->stamp = stamp();
        boundary->step = event.step;
        sink_.publish(*std::move(boundary));
    }
    if (spec_.stop.accuracy && scores.accuracy >= *spec_.stop.accuracy) end();
}

void Overseer::end() {
    conditionMet_ = true;
    control_.endAtNextBorder();
}

}  // namespace rondo
