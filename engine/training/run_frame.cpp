#include "engine/training/run_frame.h"

#include <c10/util/Exception.h>

#include <boost/json/serialize.hpp>
#include <chrono>

#include "engine/algorithms/planned_steps.h"
#include "engine/config/run_spec_json.h"
#include "engine/data/batch_plan.h"
#include "engine/run/resume.h"
#include "engine/run/resumed_books.h"
#include "engine/run/savable.h"
#include "engine/training/blas.h"
#include "engine/training/evaluator.h"
#include "engine/training/memory.h"

namespace rondo {

namespace {

/// An event has a greatest size; whoever reads it has seen every evaluation and message as an event of its
/// own. A world where each sends to each has a million links.
constexpr ReportLimits kMostInEvent{.history = 2000, .links = 50'000};

}  // namespace

RunFrame::RunFrame(const RunSpec& spec, RunControl& control, EventSink& sink, const TrainingOptions& options)
    : spec_(spec),
      control_(control),
      sink_(sink),
      options_(options),
      run_(options.run),
      resumed_(options.resume.get()),
      ranks_(static_cast<int>(spec.workers)),
      servers_(serversOf(spec)),
      sequence_{options.run, Rank{kNone}},
      droppedBefore_(sink.dropped()) {}

double RunFrame::wallSeconds() const {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - began_.value_or(now)).count() +
           (resumed_ ? resumed_->books.wallSeconds : 0);
}

TrainingResult RunFrame::execute(const DataSource& source) {
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
    began_ = std::chrono::steady_clock::now();
    std::exception_ptr badInput;
    try {
        train(plannedSteps_);
    } catch (const DataCancelled&) {
        result_.report.status = RunState::Stopped;
    } catch (const c10::Error& error) {
        failed(error.what_without_backtrace());
    } catch (const BadInput& error) {  // of a checkpoint that says of itself what it isn't
        failed(error.what());
        if (resumed_) badInput = std::current_exception();
    } catch (const CommError& error) {
        const bool waits =
            error.kind() == CommError::Kind::PeerGone || error.kind() == CommError::Kind::Deadlock;
        failed(waits ? withLost(error.what()) : error.what());
    } catch (const std::exception& error) {
        failed(error.what());
    }
    result_.report.wallSeconds = wallSeconds();
    TrainingResult result = end();
    if (badInput) std::rethrow_exception(badInput);
    return result;
}

void RunFrame::notice(Notice::Kind kind, std::string text) {
    Notice event;
    event.stamp = stamp();
    event.kind = kind;
    event.text = std::move(text);
    sink_.publish(event);
}

void RunFrame::prepare(const DataSource& source) {
    RunStateChanged preparing;
    preparing.stamp = stamp();
    preparing.detail = "making the data";
    sink_.publish(preparing);
    data_ = source(spec_, control_.stopToken());
    result_.model = planModel(spec_, data_->train.shape);
    prediction_ = predict(spec_, data_->train.size(), data_->train.shape);
    result_.report.parameters = result_.model.parameters();
    result_.report.predicted = toJson(prediction_);
    plannedSteps_ = prediction_.steps.value_or(0);
    if (Problems problems = savingProblems(spec_); !options_.checkpoints.file.empty() && !problems.empty())
        throw BadInput(std::move(problems));
    if (resumed_) checkResume();
    tellStart();
    if (resumed_) tellHistory();
}

/// Before anything is told of it, and the steps it has from there.
void RunFrame::checkResume() {
    Problems problems = resumeProblems(*resumed_, spec_, result_.model.parameters());
    if (!problems.empty()) throw BadInput(std::move(problems));
    EpochOrders orders(data_->train.size(), static_cast<std::uint64_t>(spec_.seed));
    const BatchPlan batches(
        orders, spec_.batch, meshOf(spec_).data, spec_.split,
        BatchPlan::Start{Step{static_cast<std::int32_t>(resumed_->stepsDone)}, resumed_->place});
    const auto steps =
        plannedSteps(spec_, [&](std::int64_t epochs) { return std::optional(batches.stepsUntil(epochs)); });
    plannedSteps_ = steps.value_or(0);
}

void RunFrame::tellHistory() {
    const double began = secondsOf(stepTimes(resumed_->books).began);
    for (const HistoryEntry& entry : resumed_->books.history) {
        constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
        Evaluated event;
        event.stamp = sequence_.stamp(nanosecondsOf(picosecondsOf(began + entry.seconds)));
        event.step = static_cast<std::int32_t>(entry.step);
        event.trainLoss = entry.trainLoss.value_or(kUnknown);
        event.testAccuracy = entry.testAccuracy.value_or(kUnknown);
        event.testLoss = entry.testLoss.value_or(kUnknown);
        event.payloadBytes = entry.payloadBytes;
        sink_.publish(event);
        if (!entry.consensusDistance) continue;
        ConsensusMeasured measured;
        measured.stamp = sequence_.stamp(event.stamp.at);
        measured.step = event.step;
        measured.distance = *entry.consensusDistance;
        sink_.publish(measured);
    }
    noticeFromOutside(Notice::Kind::Information,
                      "The run goes on after " + std::to_string(resumed_->stepsDone) + " steps.");
}

void RunFrame::noticeFromOutside(Notice::Kind kind, std::string text) {
    Notice event;
    event.stamp = sequence_.stampAfterLast();
    event.kind = kind;
    event.text = std::move(text);
    sink_.publish(event);
}

/// What a rank that waits for ever says, with whom it has lost.
std::string RunFrame::withLost(const std::string& why) const {
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

void RunFrame::failed(std::string why) {
    result_.report.status = RunState::Failed;
    result_.report.error = why;
    result_.weights.clear();
}

TrainingResult RunFrame::end() {
    result_.report.eventsDropped = sink_.dropped() - droppedBefore_;
    RunEnded ended;
    ended.stamp = stamp();
    ended.state = result_.report.status;
    ended.report = boost::json::serialize(toJson(result_.report, kMostInEvent));
    sink_.publish(ended);
    return std::move(result_);
}

void RunFrame::tellStart() {
    RunStarted started;
    started.stamp = stamp();
    started.spec = boost::json::serialize(toJson(spec_));
    started.prediction = boost::json::serialize(result_.report.predicted);
    started.workers = ranks_;
    started.virtualTime = spec_.runOn == RunOn::Virtual;
    started.parameters = result_.report.parameters;
    started.plannedSteps = plannedSteps_;
    started.unixMilliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count();
    sink_.publish(started);
    if (auto preview = previewOf(data_->train)) {
        preview->stamp = stamp();
        sink_.publish(*std::move(preview));
    }
    const BlasInfo blas = blasInfo();
    if (!blas.openblas) notice(Notice::Kind::Warning, "LibTorch computes on the slow " + blas.description);
}

RunFrame::Telling RunFrame::tellStates() {
    control_.listen([this](RunState state) {
        RunStateChanged changed;
        changed.stamp = sequence_.stampAfterLast();
        changed.state = state;
        sink_.publish(changed);
    });
    return {control_};
}

void RunFrame::conclude(std::int64_t plannedSteps, const Overseer& overseer) {
    Report& report = result_.report;
    if (!result_.weights.empty()) measureWeights(report, result_.weights, initialWeights_);
    if (!report.history.empty()) {
        report.testAccuracy = report.history.back().testAccuracy;
        report.testLoss = report.history.back().testLoss;
        report.trainLoss = report.history.back().trainLoss;
    }
    const bool reachedPlan = plannedSteps > 0 && report.steps >= plannedSteps;
    report.status = reachedPlan || overseer.conditionMet() ? RunState::Finished : RunState::Stopped;
}

}  // namespace rondo
