#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/interrupt.h"
#include "app/cli/output_file.h"
#include "app/cli/report_text.h"
#include "app/cli/terminal_progress.h"
#include "engine/config/run_spec_json.h"
#include "engine/events/recording.h"
#include "engine/run/weights_file.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

int runCommand(const RunOptions& options) {
    if (!options.sweep.empty()) return sweepCommand(options);
    if (!options.csv.empty())
        throw BadInput(Problem{"--csv", "given, expected only with --sweep, whose table it holds"});
    const RunSpec spec = load(options.settings);
    requireFolderOf("--report", options.report);
    requireFolderOf("--weights", options.weights);
    requireFolderOf("--record", options.record);
    if (spec.weights.modelled && !options.weights.empty())
        throw BadInput(Problem{"--weights",
                               "given, expected none with model.weights modelled: there are none to write"});

    RunControl control(static_cast<int>(spec.workers), spec.runOn == RunOn::Virtual);
    const Interrupt interrupt([&] {
        std::fputs("\nstopping at the next step (Ctrl-C again ends at once) …\n", stderr);
        control.stop();
    });
    std::unique_ptr<Recorder> recorder;
    if (!options.record.empty()) {
        auto created = Recorder::create(options.record);
        if (!created) throw BadInput(created.problems());
        recorder = std::move(*created);
    }
    TrainingResult result;
    {
        std::unique_ptr<TerminalProgress> progress;
        std::vector<EventSink*> sinks;
        if (!options.quiet) sinks.push_back((progress = std::make_unique<TerminalProgress>()).get());
        if (recorder) sinks.push_back(recorder.get());
        FanOut sink(sinks);
        result = runTraining(spec, control, sink);
    }
    if (recorder) {
        recorder->finish();
        if (!recorder->error().empty())
            std::fprintf(stderr, "rondo-cli: recording: %s\n", recorder->error().c_str());
    }

    // Of a thousand workers half a gigabyte: not made in vain.
    const bool wanted = options.json || !options.report.empty();
    const std::string report = wanted ? prettyPrint(toJson(result.report)) : std::string();
    const bool failed = result.report.status == RunState::Failed;
    int code = failed ? kRunFailed : kDone;
    // Files first: whoever reads standard output may have gone.
    if (!options.report.empty() && !writeFile(options.report, report + "\n")) code = kRunFailed;
    if (!options.weights.empty() && failed)
        std::fprintf(stderr, "rondo-cli: %s: not written, since the run failed\n", options.weights.c_str());
    else if (!options.weights.empty())
        for (const Problem& problem : writeWeights(options.weights, result.model, result.weights)) {
            std::fprintf(stderr, "rondo-cli: %s\n", problem.text().c_str());
            code = kRunFailed;
        }
    if (!print(options.json ? report + "\n" : reportText(result.report))) code = kRunFailed;
    return code;
}

}  // namespace rondo::cli
