#pragma once

#include <string>
#include <vector>

#include "engine/config/run_spec_json.h"
#include "engine/events/event.h"
#include "engine/events/recording.h"

namespace rondo::test {

/// A run of `steps` steps as events: a step takes 0.1 s of run time and the loss falls from 2.
inline std::vector<Event> madeRun(int steps, bool ended = true) {
    std::vector<Event> events;
    RunSpec spec;
    spec.stop.steps = steps;
    RunStarted started;
    started.spec = toText(spec);
    started.workers = 4;
    started.plannedSteps = steps;
    events.push_back(started);
    RunStateChanged running;
    running.state = RunState::Running;
    events.push_back(running);
    for (int i = 0; i < steps; ++i) {
        StepCompleted step;
        step.stamp.at = Nanoseconds{(i + 1) * 100'000'000LL};
        step.step = i;
        step.loss = 2.0 / (i + 1);
        events.push_back(step);
    }
    if (!ended) return events;
    RunEnded end;
    end.stamp.at = Nanoseconds{steps * 100'000'000LL};
    end.report =
        R"({"status":"finished","test_accuracy":0.953,"seconds":12.0,"steps":)" + std::to_string(steps) + "}";
    events.push_back(end);
    return events;
}

inline std::string streamOf(const std::vector<Event>& events, std::size_t eventsPerBlock = 3) {
    std::string bytes = BlockWriter::header();
    BlockWriter writer;
    for (std::size_t i = 0; i < events.size(); ++i) {
        writer.add(events[i]);
        if ((i + 1) % eventsPerBlock == 0) bytes += writer.takeBlock();
    }
    return bytes + writer.takeBlock();
}

}  // namespace rondo::test
