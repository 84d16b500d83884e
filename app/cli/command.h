#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo::cli {

// Exit codes of every command.
inline constexpr int kDone = 0, kRunFailed = 1, kBadInput = 2;

/// What the chosen subcommand will do; set by its parse callback, called by main. Throws BadInput for exit
/// code 2.
using Action = std::function<int()>;

void addRun(CLI::App& app, Action& action);
void addReplay(CLI::App& app, Action& action);
void addPredict(CLI::App& app, Action& action);
void addBench(CLI::App& app, Action& action);
void addEngine(CLI::App& app, Action& action);

/// Writes to standard output; false, with a word on standard error, when it doesn't take it. A reader that
/// has gone is no failure: it has what it wanted.
bool print(const std::string& text);

/// The settings in a file with the `path=value` changes of --set applied, validated. Throws BadInput.
struct SettingsOptions {
    std::string file;
    std::vector<std::string> assignments;
    void addTo(CLI::App& command);
    RunSpec load() const;
};

}  // namespace rondo::cli
