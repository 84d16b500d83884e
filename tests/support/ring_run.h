#pragma once

#include <QtGlobal>
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "engine/config/run_spec_json.h"
#include "engine/events/event.h"

namespace rondo::test {

/// Settings of a ring as it would be run, and the events such a run publishes: per rank and step load,
/// forward, backward with overlapped synchronisation, wait and update. All figures are made by rule, so that
/// tests can state them.
struct RingRun {
    int workers = 4, steps = 60;
    bool virtualTime = true, ended = true;
    int nanAtStep = -1;  ///< from this step on the loss is not a number
    int evaluateEvery = 20;

    static constexpr std::int64_t kStepNs = 12'000'000;
    static constexpr std::int64_t kPayload = 40'000;  ///< bytes of one message

    RunSpec spec() const {
        RunSpec spec;
        spec.name = "Ring of four";
        spec.workers = workers;
        spec.runOn = virtualTime ? RunOn::Virtual : RunOn::Threads;
        spec.stop.steps = steps;
        spec.evaluateEvery = evaluateEvery;
        return spec;
    }

    std::vector<Event> start() const {
        RunStarted started;
        started.spec = toText(spec());
        started.prediction =
            "{\"step_seconds\": 0.0115, \"seconds\": " + std::to_string(0.0115 * steps) + "}";
        started.workers = workers;
        started.virtualTime = virtualTime;
        started.parameters = 199'210;
        started.plannedSteps = steps;
        return {started, RunStateChanged{{}, RunState::Running, ""}};
    }

    double lossAt(int step) const {
        if (nanAtStep >= 0 && step >= nanAtStep) return std::numeric_limits<double>::quiet_NaN();
        return 0.2 + 2.1 * std::exp(-step / (steps * 0.22)) +
               0.12 * std::sin(step * 1.7) * std::exp(-step / (steps * 0.5));
    }

    /// All events of one step, in the order in which a run publishes them.
    std::vector<Event> step(int step) const {
        std::vector<Event> events;
        const std::int64_t begin = step * kStepNs;
        const auto at = [](int rank, std::int64_t ns) { return Stamp{1, Rank{rank}, 0, Nanoseconds{ns}}; };
        for (int rank = 0; rank < workers; ++rank) {
            std::int64_t now = begin;
            // A little of its own for every rank and step, as in a real run.
            const std::int64_t late = (rank * 37 + step * 11) % 50 * 12'000;
            const auto span = [&](Phase phase, std::int64_t lasts, Lane lane = Lane::Compute,
                                  std::int64_t from = -1, int bucket = kNone) {
                const std::int64_t start = from < 0 ? now : from;
                events.push_back(Span{at(rank, start + lasts), phase, lane, phase == Phase::BackwardInput,
                                      step, bucket, Nanoseconds{start}});
                if (from < 0) now += lasts;
            };
            span(Phase::Load, 600'000);
            span(Phase::Forward, 2'600'000 + late);
            span(Phase::BackwardInput, 4'800'000);
            for (int bucket = 0; bucket < 2; ++bucket) {
                const std::int64_t from = begin + 5'400'000 + bucket * 2'900'000;
                span(Phase::Synchronise, 2'700'000, Lane::Communication, from, bucket);
                for (int i = 0; i < 2 * (workers - 1) && workers > 1; ++i) {
                    const std::int64_t sent = from + i * 2'600'000 / (2 * (workers - 1));
                    const int previous = (rank + workers - 1) % workers;
                    events.push_back(Message{at(rank, sent + 400'000), Rank{previous}, Rank{rank}, kPayload,
                                             kPayload + 14, step, bucket, i, Nanoseconds{sent}});
                }
            }
            const std::int64_t updates = begin + kStepNs - 900'000;
            if (updates > now) span(Phase::Wait, updates - now);
            span(Phase::Update, begin + kStepNs - now);
        }
        StepCompleted done;
        done.stamp.at = Nanoseconds{begin + kStepNs};
        done.step = step;
        done.epoch = step / 20;
        done.loss = lossAt(step);
        done.samples = 32 * workers;
        done.payloadBytes = (step + 1) * kPayload * 2 * 2 * (workers - 1) * workers;
        events.push_back(done);
        if (evaluateEvery > 0 && (step + 1) % evaluateEvery == 0) {
            Evaluated evaluated;
            evaluated.stamp.at = done.stamp.at;
            evaluated.step = step;
            evaluated.trainLoss = done.loss;
            evaluated.testAccuracy = 0.97 - 0.6 * std::exp(-step / (steps * 0.2));
            events.push_back(evaluated);
        }
        return events;
    }

    std::vector<Event> end() const {
        Stamp stamp;
        stamp.at = Nanoseconds{steps * kStepNs};
        return {RunStateChanged{stamp, RunState::Finished, ""},
                RunEnded{stamp, RunState::Finished, "{\"status\": \"finished\"}"}};
    }

    std::vector<Event> all() const {
        std::vector<Event> events = start();
        for (int i = 0; i < steps; ++i) {
            auto more = step(i);
            events.insert(events.end(), more.begin(), more.end());
        }
        if (ended) {
            auto more = end();
            events.insert(events.end(), more.begin(), more.end());
        }
        return events;
    }
};

}  // namespace rondo::test
