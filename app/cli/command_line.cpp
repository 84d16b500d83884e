#include "app/cli/command_line.h"

#include <CLI/CLI.hpp>

#include "app/cli/bench/bench.h"
#include "app/cli/command.h"

namespace rondo::cli {

namespace {

using Action = std::function<int()>;

void addSettings(CLI::App& command, SettingsOptions& settings) {
    command.add_option("settings", settings.file, "Settings of the run, a JSON file")->required();
    command
        .add_option("--set", settings.assignments,
                    "Change a setting: path=value, such as data.train=1000 (repeatable)")
        ->allow_extra_args(false);
}

void addOutput(CLI::App& command, OutputOptions& output, bool records) {
    if (records) command.add_option("--record", output.record, "Keep every event in this .rondo file");
    command.add_option("--report", output.report, "Write the report to this file, as JSON");
    command.add_option("--weights", output.weights, "Write the final weights to this .safetensors file");
    command.add_flag("--json", output.json, "Print the report as JSON");
    command.add_flag("--quiet", output.quiet, "No progress");
}

void addHost(CLI::App& app, HostOptions& options, Action& action) {
    CLI::App* command =
        app.add_subcommand("host", "Wait until the machines of the room have joined, then carry out a run");
    addSettings(*command, options.settings);
    command
        ->add_option("--listen", options.listen, "Where to listen: ADDRESS:PORT, or :PORT on all addresses")
        ->capture_default_str();
    command->add_flag("--secure", options.secure,
                      "Encrypt (wss): the code carries the beginning of the certificate's fingerprint");
    command->add_option(
        "--fingerprint", options.fingerprint,
        "Write the certificate's fingerprint to this file, for those who join (with --secure)");
    addOutput(*command, options.output, true);
    command->callback([&] { action = [options] { return hostCommand(options); }; });
}

void addParent(CLI::App& command, ParentOptions& parent) {
    command.add_flag("--json", parent.json,
                     "News for a program: JSON, a line each, on standard error "
                     "(engine/control/join_news.h)");
    command.add_flag("--leave-on-eof", parent.leaveOnEof, "Leave when standard input ends");
}

constexpr const char* kCodeHelp =
    "The code that the host shows, such as K7M-Q2X; - reads it from standard input, where nobody else sees "
    "it";

constexpr const char* kFingerprintHelp =
    "Of a wss host's certificate: 64 hexadecimal digits, or a file that holds them";

void addWorker(CLI::App& app, WorkerOptions& options, Action& action) {
    CLI::App* command = app.add_subcommand("worker", "Join a host and train for it");
    command->add_option("--join", options.join, "The host: ws://HOST:PORT or wss://HOST:PORT")->required();
    command->add_option("--code", options.code, kCodeHelp)->required();
    command->add_option("--fingerprint", options.fingerprint, kFingerprintHelp);
    command->add_option("--name", options.name,
                        "What the host calls this machine; its own name unless given");
    command->add_flag("--relay", options.relay,
                      "Reach other workers through the host only, where the network allows nothing else");
    command->add_flag("--once", options.once, "Don't dial again when the connection breaks");
    command->add_flag("--quiet", options.quiet, "No news on standard error");
    addParent(*command, options.parent);
    command->callback([&] { action = [options] { return workerCommand(options); }; });
}

void addNursery(CLI::App& app, NurseryOptions& options, Action& action) {
    CLI::App* command = app.add_subcommand("nursery", "Become a worker for each name on standard input");
    command->group("");  // for this program itself, not for people
    command->add_option("--join", options.join, "The host")->required();
    command->add_option("--code", options.code, "Its code")->required();
    command->callback([&] { action = [options] { return nurseryCommand(options); }; });
}

void addWatch(CLI::App& app, WatchOptions& options, Action& action) {
    CLI::App* command = app.add_subcommand("watch", "Watch the runs of a host, without a part in them");
    command->add_option("--join", options.join, "The host: ws://HOST:PORT or wss://HOST:PORT")->required();
    command->add_option("--code", options.code, kCodeHelp)->required();
    command->add_option("--fingerprint", options.fingerprint, kFingerprintHelp);
    command->add_option("--name", options.name, "What the host calls this viewer");
    command->add_option("--record", options.record, "Keep every event that comes in this .rondo file");
    command->add_flag("--stream", options.stream, "Write the events to standard output, as a .rondo stream");
    command->add_flag("--quiet", options.quiet, "No progress");
    addParent(*command, options.parent);
    command->callback([&] { action = [options] { return watchCommand(options); }; });
}

void addGlooRank(CLI::App& command, GlooRankOptions& options) {
    const std::string group = "This process is one rank (run_on gloo; settings are the same everywhere)";
    command.add_option("--rank", options.rank, "Its rank; 0 leads the run and makes the report [RANK]")
        ->group(group);
    command.add_option("--world", options.world, "Number of ranks, the run's workers [WORLD_SIZE]")
        ->group(group);
    command.add_option("--master", options.master, "HOST:PORT of rank 0 [MASTER_ADDR and MASTER_PORT]")
        ->group(group);
    command.add_option("--within", options.within, "Seconds for all of them to come")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str()
        ->group(group);
    command.footer(
        "Each of --rank, --world and --master that isn't given is read from the environment variable in\n"
        "brackets, as launchers set it. With none of them, run_on gloo starts its workers itself.");
}

void addCheckpoints(CLI::App& command, CheckpointOptions& options) {
    command.add_option("--checkpoint", options.file,
                       "Keep the state of the run in this .safetensors file: where it ends, Ctrl-C too");
    command
        .add_option("--checkpoint-every", options.every,
                    "Also every so many steps, each in place of the one before")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{2'000'000'000}));
    command.add_option("--resume", options.resume,
                       "Go on at this checkpoint; model, data, seed and algorithm are to be its own");
}

void addRun(CLI::App& app, RunOptions& options, Action& action) {
    CLI::App* command = app.add_subcommand("run", "Carry out a run");
    addSettings(*command, options.settings);
    command
        ->add_option("--sweep", options.sweep,
                     "Run with each of these values in turn: key=v1,v2,… or key=1..5 (repeatable: a grid)")
        ->allow_extra_args(false);
    command->add_option("--csv", options.csv, "Write the table of a sweep to this file");
    addGlooRank(*command, options.gloo);
    addCheckpoints(*command, options.checkpoints);
    addOutput(*command, options.output, true);
    command->callback([&] { action = [options] { return runCommand(options); }; });
}

void addReplay(CLI::App& app, ReplayOptions& options, Action& action) {
    CLI::App* command =
        app.add_subcommand("replay", "Tell what a recording holds; exit code 2 when it is cut or damaged");
    command->add_option("recording", options.file, "A .rondo file")->required();
    command->add_flag("--json", options.json, "Print the report the recording ends with, as JSON");
    command->callback([&] { action = [options] { return replayCommand(options); }; });
}

void addPredict(CLI::App& app, PredictOptions& options, Action& action) {
    CLI::App* command = app.add_subcommand("predict", "Say what theory expects of a run");
    addSettings(*command, options.settings);
    command->add_flag("--json", options.json, "Print JSON");
    command->callback([&] { action = [options] { return predictCommand(options); }; });
}

void addSchedule(CLI::App& app, ScheduleOptions& options, Action& action) {
    CLI::App* command = app.add_subcommand("schedule", "Play a pipeline schedule: bubble, cost, activations");
    CLI::Option* kind =
        command->add_option("--kind", options.kind,
                            "vanilla, gpipe, 1f1b, interleaved, zb_h1, zb_h2, pipedream or pipedream_2bw");
    CLI::Option* file = command->add_option("--file", options.file,
                                            "A schedule written by hand: a line a stage, F0 F1 BW0 BW1");
    file->excludes(kind);
    const auto count = [&](const char* name, int& value, int least, int most, const char* help) {
        return command->add_option(name, value, help)->check(CLI::Range(least, most))->capture_default_str();
    };
    file->excludes(count("--stages", options.stages, 1, 1024, "Stages of the pipeline"));
    file->excludes(count("--micro-batches", options.microBatches, 1, 65'536, "Micro-batches of a step"));
    file->excludes(count("--chunks", options.chunks, 1, 256,
                         "Model chunks a stage holds (interleaved; each 1/V of it)"));
    count("--steps", options.steps, 1, 1024, "Steps one after the other, without a barrier between");
    count("--frozen", options.frozen, 0, 262'143,
          "Parts of the model (one a stage and chunk) that don't learn, from the input on");
    command->add_flag("--recompute", options.recompute,
                      "Keep inputs only and compute forward again before backward");
    std::vector<CLI::Option*> even;
    const auto time = [&](const char* name, double& value, const char* help) {
        even.push_back(
            command->add_option(name, value, help)->check(CLI::Range(0.0, 1e12))->capture_default_str());
    };
    time("--forward", options.times.forward, "Forward pass of a micro-batch on a stage, in any unit");
    time("--backward-input", options.times.backwardInput, "Gradient of its inputs");
    time("--backward-weight", options.times.backwardWeight, "Gradient of its weights");
    time("--message", options.times.message, "A message from stage to stage");
    CLI::Option* times = command->add_option(
        "--times", options.timesFile,
        "A file with the times of each part, a line each: forward backward-input backward-weight [message]");
    for (CLI::Option* option : even) times->excludes(option);
    command->add_option("--svg", options.svg, "Draw it into this file");
    command->add_flag("--json", options.json, "Print JSON");
    command->callback([&] { action = [options] { return scheduleCommand(options); }; });
}

void addMeasure(CLI::App& app, MeasureOptions& options, Action& action) {
    CLI::App* command =
        app.add_subcommand("measure", "Measure each layer of a run's model on one core of this computer");
    addSettings(*command, options.settings);
    command->add_option("--out", options.out,
                        "Write the settings with these times, for virtual time, to this file");
    command->add_flag("--json", options.json, "Print JSON");
    command->callback([&] { action = [options] { return measureCommand(options); }; });
}

void addBench(CLI::App& app, bool& json, std::string& over, Action& action) {
    CLI::App* command = app.add_subcommand(
        "bench", "Measure this computer, always against a peer or a limit in the same run");
    command->require_subcommand(1);
    for (const Bench& bench : benches()) {
        CLI::App* one = command->add_subcommand(bench.name, bench.help);
        one->add_flag("--json", json, "Print JSON");
        if (bench.over)
            one->add_option("--over", over, "What carries the messages, instead of threads")
                ->check(CLI::IsMember({bench.over}));
        one->callback([&] { action = [&bench, over, json] { return benchCommand(bench, over, json); }; });
    }
}

void addEngine(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "engine", "Train for a window: commands on standard input, events on standard output");
    command->group("");  // for the window, not for people
    command->callback([&] { action = engineCommand; });
}

}  // namespace

Parsed parseCommandLine(int argc, char** argv) {
    CLI::App app{"Rondo on the command line: trains with many workers, replays, predicts and measures."};
    app.set_version_flag("--version", "rondo-cli " RONDO_VERSION);
    app.require_subcommand(1);
    RunOptions run;
    HostOptions host;
    WorkerOptions worker;
    NurseryOptions nursery;
    WatchOptions watch;
    ReplayOptions replay;
    PredictOptions predict;
    ScheduleOptions schedule;
    MeasureOptions measure;
    bool benchJson = false;
    std::string benchOver;
    Action action;
    addRun(app, run, action);
    addHost(app, host, action);
    addWorker(app, worker, action);
    addNursery(app, nursery, action);
    addWatch(app, watch, action);
    addReplay(app, replay, action);
    addPredict(app, predict, action);
    addSchedule(app, schedule, action);
    addMeasure(app, measure, action);
    addBench(app, benchJson, benchOver, action);
    addEngine(app, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return {{}, app.exit(error) == 0 ? kDone : kBadInput};
    }
    return {std::move(action)};
}

}  // namespace rondo::cli
