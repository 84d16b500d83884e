#include "engine/training/overseer.h"

#include <cmath>

#include "engine/training/evaluator.h"

namespace rondo {

Overseer::Overseer(const RunSpec& spec, const Dataset& data, Runtime& runtime, RunControl& control,
                   EventSink& sink, StepLedger& ledger, EventSequence& sequence, std::int64_t roundsPerStep)
    : spec_(spec),
      data_(data),
      runtime_(runtime),
      control_(control),
      sink_(sink),
      ledger_(ledger),
      sequence_(sequence),
      roundsPerStep_(roundsPerStep) {}

void Overseer::afterStep(TorchWorker& worker, Step step) {
    const bool first = worker.rank().value == 0;
    if (first) {
        const Picoseconds now = runtime_.now();
        const double trained = secondsOf(now - worker.firstStepBegan());
        if (spec_.stop.seconds && trained >= *spec_.stop.seconds) end();
        watchLoss(step);
        watchSpeed(now);
    }
    const std::int64_t done = step.value + 1;
    if (spec_.evaluateEvery == 0 || done % spec_.evaluateEvery != 0) return;
    runtime_.whileOthersWait(worker.rank(), [&] { evaluateNow(worker, done, worker.lastStepEnded()); });
}

void Overseer::finish(TorchWorker& worker, std::int64_t steps) {
    if (!history_.empty() && history_.back().step == steps) return;
    runtime_.outOfTime([&] { evaluateNow(worker, steps, worker.lastStepEnded()); });
}

std::vector<HistoryEntry> Overseer::takeHistory() {
    // Only now is it sure that every rank has told its part of every step.
    for (HistoryEntry& entry : history_)
        if (const auto step = ledger_.completed(Step{static_cast<std::int32_t>(entry.step - 1)})) {
            entry.payloadBytes = step->payloadBytes;
            entry.trainLoss = step->loss;
        }
    return std::move(history_);
}

void Overseer::watchLoss(Step step) {
    const auto loss = ledger_.lossOf(step);
    if (diverged_ || !loss || std::isfinite(*loss)) return;
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
    const std::int64_t samples = ledger_.samplesTrained();
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

void Overseer::evaluateNow(TorchWorker& worker, std::int64_t stepsDone, Picoseconds stepEnd) {
    Scores scores;
    worker.computeLane().span(Phase::Evaluate, [&] { scores = evaluate(worker.replica(), data_.test); });
    worker.computeLane().flush();
    HistoryEntry entry;
    entry.step = stepsDone;
    entry.round = stepsDone * roundsPerStep_;
    entry.seconds = secondsOf(stepEnd - worker.firstStepBegan());
    entry.trainLoss = ledger_.lossOf(Step{static_cast<std::int32_t>(stepsDone - 1)});
    entry.testAccuracy = scores.accuracy;
    entry.testLoss = scores.loss;
    history_.push_back(entry);

    Evaluated event;
    event.stamp = stamp();
    event.step = static_cast<std::int32_t>(stepsDone);
    event.trainLoss = entry.trainLoss.value_or(std::numeric_limits<double>::quiet_NaN());
    event.testAccuracy = scores.accuracy;
    event.testLoss = scores.loss;
    for (int rank = 0; rank < runtime_.worldSize(); ++rank)
        for (const Lane lane : {Lane::Compute, Lane::Communication})
            event.payloadBytes += runtime_.meter(Rank{rank}, lane).payloadBytes();
    sink_.publish(event);
    if (auto boundary = decisionBoundary(worker.replica())) {
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
