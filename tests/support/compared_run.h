#pragma once

#include <QString>
#include <cmath>
#include <string>
#include <vector>

#include "engine/config/run_spec_json.h"
#include "engine/events/event.h"
#include "ui/store/kept_runs.h"

namespace rondo::test {

/// A run to be compared with others. Step i (from 0) ends at (i + 1) · 0.1 s with loss `height`/(i + 1) and
/// 1,000 · (i + 1) bytes sent; every tenth step is followed by an evaluation, whose accuracy is steps done /
/// steps.
struct ComparedRun {
    std::string name = "Ring";
    std::int64_t seed = 1, workers = 4;
    int steps = 100;
    double height = 2;
    int lostFrom = -1;  ///< from this step on the loss is not a number
    std::int64_t begun = 0;
    std::string report;  ///< empty: one without figures

    RunSpec spec() const {
        RunSpec spec;
        spec.name = name;
        spec.seed = seed;
        spec.workers = workers;
        spec.data = DigitsData{.train = 1280, .test = 100};
        spec.stop.steps = steps;
        spec.evaluateEvery = 10;
        return spec;
    }
    double lossAt(int step) const {
        return lostFrom >= 0 && step >= lostFrom ? std::nan("") : height / (step + 1);
    }
    std::vector<Event> events() const {
        std::vector<Event> events;
        RunStarted started;
        started.spec = toText(spec());
        started.workers = static_cast<int>(workers);
        started.plannedSteps = steps;
        started.unixMilliseconds = begun;
        events.push_back(started);
        events.push_back(RunStateChanged{{}, RunState::Running, ""});
        const auto at = [](int done) { return Nanoseconds{done * 100'000'000LL}; };
        for (int i = 0; i < steps; ++i) {
            StepCompleted step;
            step.stamp.at = at(i + 1);
            step.step = i;
            step.epoch = i / 10;
            step.loss = lossAt(i);
            step.payloadBytes = 1000 * (i + 1);
            events.push_back(step);
            if ((i + 1) % 10 != 0) continue;
            Evaluated test;
            test.stamp.at = at(i + 1);
            test.step = i + 1;
            test.testAccuracy = static_cast<double>(i + 1) / steps;
            test.payloadBytes = step.payloadBytes;
            events.push_back(test);
        }
        RunEnded end;
        end.stamp.at = at(steps);
        end.state = RunState::Finished;
        end.report = report.empty() ? R"({"status": "finished"})" : report;
        events.push_back(end);
        return events;
    }
    ui::KeptRuns::Answer keepIn(ui::KeptRuns& kept) const {
        ui::RunStore store;
        store.apply(events());
        return kept.keep(store);
    }
};

}  // namespace rondo::test
