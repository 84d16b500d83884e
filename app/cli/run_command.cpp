#include <cstdio>

#include "app/cli/checkpoint_options.h"
#include "app/cli/command.h"
#include "app/cli/finish_run.h"
#include "app/cli/gloo_ranks.h"
#include "app/cli/interrupt.h"
#include "app/cli/room/room.h"
#include "app/cli/run_recording.h"
#include "app/cli/terminal_progress.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

int runCommand(const RunOptions& options) {
    if (!options.sweep.empty()) {
        if (options.gloo.given())
            throw BadInput(Problem{"--rank, --world, --master",
                                   "given, expected without --sweep: ranks come together for one run"});
        if (options.checkpoints.given())
            throw BadInput(Problem{"--checkpoint, --checkpoint-every, --resume",
                                   "given, expected without --sweep: they are of one run"});
        return sweepCommand(options);
    }
    if (!options.csv.empty())
        throw BadInput(Problem{"--csv", "given, expected only with --sweep, whose table it holds"});
    const RunSpec spec = load(options.settings);
    const TrainingOptions training = trainingOptions(spec, options.checkpoints);
    const OutputOptions& output = options.output;
    const auto rank = glooRankOf(options.gloo, spec);
    if (rank) requireRanksHere(spec, training);
    if (rank && rank->rank > 0) return workAsRank(*rank, spec, output.quiet);
    requireFolders(spec, output);

    RunControl control(static_cast<int>(spec.workers), spec.runOn == RunOn::Virtual);
    const Interrupt interrupt([&] {
        std::fputs("\nstopping at the next step (Ctrl-C again ends at once) …\n", stderr);
        control.stop();
    });
    RunRecording recording(output.record);
    TrainingResult result;
    {
        std::unique_ptr<TerminalProgress> progress;
        std::vector<EventSink*> sinks;
        if (!output.quiet) sinks.push_back((progress = std::make_unique<TerminalProgress>()).get());
        if (recording.sink()) sinks.push_back(recording.sink());
        FanOut sink(sinks);
        result =
            rank ? trainAsRankZero(*rank, spec, control, sink) : trainAsSet(spec, control, sink, training);
    }
    recording.finish();
    return finishRun(result, output);
}

}  // namespace rondo::cli
