#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/algorithms/pipeline/play_schedule.h"
#include "engine/config/run_spec.h"

namespace rondo::cli {

// Exit codes of every command.
inline constexpr int kDone = 0, kRunFailed = 1, kBadInput = 2;

struct Bench;

/// A file of settings and the `path=value` changes of --set.
struct SettingsOptions {
    std::string file;
    std::vector<std::string> assignments;
};
/// What becomes of what a run leaves behind.
struct OutputOptions {
    std::string record, report, weights;  ///< files; empty: none
    bool json = false, quiet = false;
};
/// Of a process that is one rank of a run over Gloo; unset: as the environment says.
struct GlooRankOptions {
    std::optional<int> rank, world;
    std::string master;  ///< HOST:PORT
    int within = 300;    ///< seconds for all to come
    bool given() const { return rank || world || !master.empty(); }
};
/// Where a run goes on and what it keeps of itself.
struct CheckpointOptions {
    std::string resume;      ///< a checkpoint; empty: it begins
    std::string file;        ///< empty: none
    std::int64_t every = 0;  ///< steps; 0: only where it ends
    bool given() const { return !resume.empty() || !file.empty() || every > 0; }
};
struct RunOptions {
    SettingsOptions settings;
    CheckpointOptions checkpoints;
    GlooRankOptions gloo;
    OutputOptions output;
    std::vector<std::string> sweep;  ///< key=v1,v2,… each; empty: one run
    std::string csv;                 ///< of a sweep; empty: none
};
struct HostOptions {
    SettingsOptions settings;
    OutputOptions output;
    std::string listen = ":7077";
    bool secure = false;
    std::string fingerprint;  ///< file for that of its certificate; empty: none
};
/// For the program that has started one who joins.
struct ParentOptions {
    bool json = false;        ///< news as JSON (engine/control/join_news.h)
    bool leaveOnEof = false;  ///< when standard input ends
};
struct WorkerOptions {
    std::string join, code, fingerprint, name;
    bool relay = false;  ///< other workers are reached through the host only
    bool once = false, quiet = false;
    ParentOptions parent = {};
};
/// Of a process that becomes workers of one host, by name.
struct NurseryOptions {
    std::string join, code;
};
struct WatchOptions {
    std::string join, code, fingerprint, name;
    std::string record;   ///< file; empty: none
    bool stream = false;  ///< events to standard output, as they come
    bool quiet = false;
    ParentOptions parent = {};
};
struct ReplayOptions {
    std::string file;
    bool json = false;
};
struct PredictOptions {
    SettingsOptions settings;
    bool json = false;
};

struct MeasureOptions {
    SettingsOptions settings;
    std::string out;  ///< file for the settings with the times; empty: none
    bool json = false;
};

struct ScheduleOptions {
    std::string kind, file;  ///< a kind, or a file with a schedule written by hand
    int stages = 4, microBatches = 8, chunks = 1;
    int steps = 1;   ///< one after the other, without a barrier
    int frozen = 0;  ///< parts of the model that don't learn, from the input on
    bool recompute = false;
    PassTimes times;        ///< of every stage
    std::string timesFile;  ///< or a line of times a part; empty: none
    std::string svg;        ///< file; empty: none
    bool json = false;
};

// The commands: each returns an exit code, throws BadInput for code 2, any other exception for code 1.
int runCommand(const RunOptions& options);
int sweepCommand(const RunOptions& options);  ///< run with --sweep
int hostCommand(const HostOptions& options);
int workerCommand(const WorkerOptions& options);
int nurseryCommand(const NurseryOptions& options);  ///< names on standard input
int watchCommand(const WatchOptions& options);
int replayCommand(const ReplayOptions& options);
int predictCommand(const PredictOptions& options);
int measureCommand(const MeasureOptions& options);
int scheduleCommand(const ScheduleOptions& options);
int benchCommand(const Bench& bench, const std::string& over, bool json);
int engineCommand();

/// Writes to standard output; false, with a word on standard error, when it doesn't take it. A reader that
/// has gone is no failure: it has what it wanted.
bool print(const std::string& text);

/// The settings with their changes, validated; or as JSON, not looked at further. Throw BadInput.
RunSpec load(const SettingsOptions& options);
boost::json::value loadUnchecked(const SettingsOptions& options);

}  // namespace rondo::cli
