#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/finish_run.h"
#include "app/cli/interrupt.h"
#include "app/cli/room/room.h"
#include "app/cli/terminal_progress.h"
#include "engine/events/recording.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

int runCommand(const RunOptions& options) {
    if (!options.sweep.empty()) return sweepCommand(options);
    if (!options.csv.empty())
        throw BadInput(Problem{"--csv", "given, expected only with --sweep, whose table it holds"});
    const RunSpec spec = load(options.settings);
    const OutputOptions& output = options.output;
    requireFolders(spec, output);

    RunControl control(static_cast<int>(spec.workers), spec.runOn == RunOn::Virtual);
    const Interrupt interrupt([&] {
        std::fputs("\nstopping at the next step (Ctrl-C again ends at once) …\n", stderr);
        control.stop();
    });
    std::unique_ptr<Recorder> recorder;
    if (!output.record.empty()) {
        auto created = Recorder::create(output.record);
        if (!created) throw BadInput(created.problems());
        recorder = std::move(*created);
    }
    TrainingResult result;
    {
        std::unique_ptr<TerminalProgress> progress;
        std::vector<EventSink*> sinks;
        if (!output.quiet) sinks.push_back((progress = std::make_unique<TerminalProgress>()).get());
        if (recorder) sinks.push_back(recorder.get());
        FanOut sink(sinks);
        result = trainAsSet(spec, control, sink);
    }
    if (recorder) {
        recorder->finish();
        if (!recorder->error().empty())
            std::fprintf(stderr, "rondo-cli: recording: %s\n", recorder->error().c_str());
    }

    return finishRun(result, output);
}

}  // namespace rondo::cli
