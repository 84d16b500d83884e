#pragma once

#include <condition_variable>

#include "tests/support/plain_loop.h"
#include "tests/support/small_runs.h"
#include "tests/support/thread_crew.h"

namespace rondo::test {

/// Remembers the worlds and steps of a run.
struct Silent final : EventSink {
    using EventSink::publish;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<WorldChanged> worlds;
    std::vector<std::int32_t> steps;  ///< completed
    std::function<void(std::int32_t)> onStep = [](std::int32_t) {};
    void publish(std::span<Event> batch) override {
        const std::lock_guard lock(mutex);
        for (const Event& event : batch) {
            if (const auto* world = std::get_if<WorldChanged>(&event)) worlds.push_back(*world);
            if (const auto* step = std::get_if<StepCompleted>(&event)) {
                steps.push_back(step->step);
                onStep(step->step);
            }
        }
        changed.notify_all();
    }
    /// Waits until so many steps are done; false: after a very long time they aren't.
    bool untilDone(std::size_t count) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(60), [&] { return steps.size() >= count; });
    }
    std::vector<WorkersFrom> workers() const {
        std::vector<WorkersFrom> all;
        for (const WorldChanged& world : worlds) all.push_back({world.firstStep, world.workers});
        return all;
    }
};

/// A run and a crew of threads that carries it out.
struct Coordinated {
    RunSpec spec;
    RunControl control;
    Silent sink;
    CrewInbox inbox;
    ThreadCrew crew{inbox, sink};
    explicit Coordinated(const RunSpec& s) : spec(s), control(static_cast<int>(s.workers), false) {
        for (int i = 0; i < s.workers; ++i) crew.add();
    }
    TrainingResult train() { return coordinateTraining(spec, control, sink, crew, inbox); }
};

inline RunSpec runOf(AlgorithmSpec algorithm, std::int64_t workers = 4) {
    RunSpec spec = smallSpec(RunOn::Processes, workers, 8);
    spec.data = DigitsData{330, 100};
    spec.algorithm = std::move(algorithm);
    spec.stop = {.steps = 24};
    spec.evaluateEvery = 8;
    return spec;
}

inline AlgorithmSpec pipeline(ScheduleChoice schedule) {
    PipelineAlgorithm pipeline;
    pipeline.stages.schedule = schedule;
    pipeline.stages.microBatches = 4;
    return pipeline;
}

}  // namespace rondo::test
