#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "engine/algorithms/pipeline/schedule_stream.h"
#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/config/run_spec_json.h"
#include "engine/events/event.h"

namespace rondo::test {

/// The events that a pipeline of typed-in times publishes, made from its schedule: passes, the waits between
/// them, updates, and messages. What a run measures is what the schedule says, to the nanosecond; step by
/// step, without end.
class PipelineRun {
  public:
    explicit PipelineRun(ScheduleChoice schedule = ScheduleChoice::OneFOneB, int stages = 4,
                         int microBatches = 8, bool virtualTime = true, bool recompute = false) {
        spec.name = "Pipeline";
        spec.workers = stages;
        spec.batch = 32;
        spec.runOn = virtualTime ? RunOn::Virtual : RunOn::Threads;
        spec.model = MlpModel{{64, 64, 64, 64, 64, 64, 64}};
        PipelineAlgorithm algorithm;
        algorithm.stages.schedule = schedule;
        algorithm.stages.microBatches = microBatches;
        algorithm.stages.recompute = recompute;
        if (schedule == ScheduleChoice::Interleaved) algorithm.stages.chunks = 2;
        spec.algorithm = algorithm;
        spec.cluster.times.forwardMs = 2;
        spec.cluster.times.backwardInputMs = 2;
        spec.cluster.times.backwardWeightMs = 1;
        spec.cluster.times.messageMs = 0.1;
        spec.stop.steps = 1'000'000;
    }

    std::vector<Event> start() {
        const ModelPlan model = planModel(spec, expectedShape(spec.data));
        plan = planStages(spec, model);
        times = stageTimes(spec, model, *plan);
        played = playSteps(plan->schedule, *times, 1)->whole;
        for (const auto& list : played.stages) length = std::max(length, nsOf(list.back().end));
        RunStarted started;
        RunSpec told = spec;
        if (spec.runOn != RunOn::Virtual) told.cluster.times = {};  // threads take what they take
        started.spec = toText(told);
        started.workers = static_cast<std::int32_t>(spec.workers);
        started.virtualTime = spec.runOn == RunOn::Virtual;
        started.plannedSteps = spec.stop.steps.value_or(0);
        return {started, RunStateChanged{{}, RunState::Running, ""}};
    }

    /// A step that all stages begin together, when the one before is over.
    std::vector<Event> step(int number) const {
        std::vector<Event> events;
        const std::int64_t from = number * length;
        for (std::size_t s = 0; s < played.stages.size(); ++s) {
            const int stage = static_cast<int>(s);
            std::int64_t now = from;
            for (const PipelineSpan& pass : played.stages[s]) {
                const int part = plan->schedule.partOf(pass.op, stage);
                const bool forward = pass.op.pass == Pass::Forward;
                const bool backward = pass.op.pass == Pass::Backward || pass.op.pass == Pass::BackwardInput;
                const int parts = plan->schedule.partCount();
                const bool takes = forward ? part > 0 : backward && part < parts - 1;
                const int other = forward ? part - 1 : part + 1;
                Span span = spanOf(stage, number, pass.op, from + nsOf(pass.begin), from + nsOf(pass.end));
                if (span.begin.count() > now) {
                    Span wait = spanOf(stage, number, pass.op, now, span.begin.count());
                    wait.phase = Phase::Wait;
                    wait.fused = false;
                    if (takes) wait.peer = Rank{plan->stageOf(other)};
                    events.push_back(wait);
                }
                if (takes) events.push_back(messageTo(stage, number, pass, other, from));
                if (pass.recomputed > 0) {
                    Span again = span;
                    again.phase = Phase::Recompute;
                    again.fused = false;
                    again.stamp.at = span.begin = Nanoseconds{from + nsOf(pass.begin + pass.recomputed)};
                    events.push_back(again);
                }
                events.push_back(span);
                now = span.stamp.at.count();
            }
        }
        StepCompleted done;
        done.stamp.at = Nanoseconds{from + length};
        done.step = number;
        done.loss = 1;
        done.samples = 32;
        events.push_back(done);
        return events;
    }

    std::vector<Event> all(int steps) {
        std::vector<Event> events = start();
        for (int i = 0; i < steps; ++i) {
            auto more = step(i);
            events.insert(events.end(), more.begin(), more.end());
        }
        return events;
    }

    static std::int64_t nsOf(double seconds) { return std::llround(seconds * 1e9); }

    RunSpec spec;
    std::optional<StagePlan> plan;
    std::optional<StageTimes> times;
    PlayedSchedule played;
    std::int64_t length = 0;  ///< of a step, ns

  private:
    Span spanOf(int stage, int step, const PipelineOp& op, std::int64_t begin, std::int64_t end) const {
        Span span;
        span.stamp = {1, Rank{stage}, 0, Nanoseconds{end}};
        span.phase = op.pass == Pass::Forward          ? Phase::Forward
                     : op.pass == Pass::BackwardWeight ? Phase::BackwardWeight
                                                       : Phase::BackwardInput;
        span.fused = op.pass == Pass::Backward;
        span.step = step;
        span.begin = Nanoseconds{begin};
        span.microBatch = op.microBatch;
        if (plan->chunks() > 1) span.chunk = op.chunk;
        return span;
    }
    Message messageTo(int stage, int step, const PipelineSpan& pass, int part, std::int64_t from) const {
        const bool forward = pass.op.pass == Pass::Forward;
        const int sender = plan->stageOf(part), chunk = part / plan->mesh.pipeline;
        double sent = 0;
        for (const PipelineSpan& one : played.stages[static_cast<std::size_t>(sender)]) {
            const bool same = forward ? one.op.pass == Pass::Forward
                                      : one.op.pass == Pass::Backward || one.op.pass == Pass::BackwardInput;
            if (same && one.op.microBatch == pass.op.microBatch && one.op.chunk == chunk) sent = one.end;
        }
        Message message;
        message.from = Rank{sender};
        message.to = Rank{stage};
        message.payloadBytes = 2048;
        message.wireBytes = 2100;
        message.step = step;
        message.begin = Nanoseconds{from + nsOf(sent)};
        message.stamp = {1, Rank{stage}, 0, Nanoseconds{from + nsOf(sent + 0.0001)}};
        message.microBatch = pass.op.microBatch;
        message.carries = forward ? Carries::Activations : Carries::ActivationGradients;
        return message;
    }
};

}  // namespace rondo::test
