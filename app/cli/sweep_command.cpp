#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <mutex>

#include "app/cli/command.h"
#include "app/cli/interrupt.h"
#include "app/cli/output_file.h"
#include "app/cli/room/room.h"
#include "engine/config/run_spec_json.h"
#include "engine/run/sweep.h"
#include "engine/run/sweep_table.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

namespace {

/// Who wants to end a sweep ends the run that is under way, and none begins after it.
class SweepStop {
  public:
    void ask() {
        const std::lock_guard lock(mutex_);
        asked_ = true;
        if (running_) running_->stop();
    }
    bool asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    /// The run that is under way from now on; null: none is.
    void follow(RunControl* running) {
        const std::lock_guard lock(mutex_);
        running_ = running;
        if (running_ && asked_) running_->stop();
    }

  private:
    mutable std::mutex mutex_;
    RunControl* running_ = nullptr;
    bool asked_ = false;
};

class Nobody final : public EventSink {
  public:
    using EventSink::publish;
    bool wantsSamples() const override { return false; }
    void publish(std::span<Event>) override {}
};

/// A run that can't begin, as on data that isn't there, is a row like others: the next may do.
Report runOne(const RunSpec& spec, SweepStop& stop) {
    RunControl control(static_cast<int>(spec.workers), spec.runOn == RunOn::Virtual);
    Report report;
    report.spec = spec;
    report.status = RunState::Failed;
    stop.follow(&control);
    try {
        Nobody nobody;
        report = trainAsSet(spec, control, nobody).report;
    } catch (const DataCancelled&) {
        report.status = RunState::Stopped;
    } catch (const std::exception& error) {
        report.error = error.what();
    }
    stop.follow(nullptr);
    return report;
}

/// "finished, accuracy 91.20 %, 1.23 s"
std::string outcomeOf(const Report& report) {
    std::string text(nameOf(report.status));
    if (!report.error.empty()) return text + ": " + report.error;
    char part[64];
    if (report.testAccuracy) {
        std::snprintf(part, sizeof part, ", accuracy %.2f %%", 100 * *report.testAccuracy);
        text += part;
    }
    std::snprintf(part, sizeof part, ", %.6g s", report.seconds);
    return text + part;
}

void requireFiles(const RunOptions& options) {
    for (const auto& [option, file] :
         {std::pair("--record", &options.output.record), std::pair("--weights", &options.output.weights)})
        if (!file->empty())
            throw BadInput(Problem{option, "given, expected none with --sweep, which makes many runs"});
    requireFolderOf("--report", options.output.report);
    requireFolderOf("--csv", options.csv);
}

/// The table as it grows, so that what is done is kept whatever comes. Does nothing without a file.
class CsvFile {
  public:
    CsvFile(const std::string& file, const std::string& header) : file_(file) {
        if (file.empty()) return;
        out_.open(file, std::ios::trunc | std::ios::binary);
        add(header);
        if (!out_) throw BadInput(Problem{"--csv", file + " can't be written"});
    }
    void add(const std::string& line) {
        if (!file_.empty()) out_ << line << std::flush;
    }
    bool whole() const {
        if (file_.empty() || out_) return true;
        std::fprintf(stderr, "rondo-cli: %s: can't be written\n", file_.c_str());
        return false;
    }

  private:
    const std::string& file_;
    std::ofstream out_;
};

}  // namespace

int sweepCommand(const RunOptions& options) {
    const auto sweep = Sweep::parse(options.sweep);
    if (!sweep) throw BadInput(sweep.problems());
    const auto specs = sweep->specsFrom(loadUnchecked(options.settings));
    if (!specs) throw BadInput(specs.problems());
    requireFiles(options);

    SweepStop stop;
    const Interrupt interrupt([&] {
        std::fputs("\nending the sweep at this run's next step (Ctrl-C again ends at once) …\n", stderr);
        stop.ask();
    });
    SweepTable table(sweep->keys());
    CsvFile csv(options.csv, table.csvHeader());
    const bool wanted = options.output.json || !options.output.report.empty();
    boost::json::array reports;
    bool failed = false;
    for (std::size_t run = 0; run < specs->size() && !stop.asked(); ++run) {
        const std::string place =
            std::to_string(run + 1) + "/" + std::to_string(specs->size()) + "  " + sweep->nameOf(run);
        // Overwritten by its outcome, so only where that can be.
        if (!options.output.quiet && isatty(STDERR_FILENO)) std::fprintf(stderr, "%s …\r", place.c_str());
        const Report report = runOne((*specs)[run], stop);
        if (!options.output.quiet) std::fprintf(stderr, "%s  %s\n", place.c_str(), outcomeOf(report).c_str());
        failed = failed || report.status == RunState::Failed;
        table.add(rowOf(sweep->valuesOf(run), report));
        csv.add(table.csvLine(table.rows().back()));
        if (wanted) reports.push_back(toJson(report));
    }

    const std::string json =
        wanted ? prettyPrint(boost::json::object{
                     {"runs", std::move(reports)}, {"table", table.json()}, {"groups", table.groupsJson()}}) +
                     "\n"
               : std::string();
    bool written = csv.whole();
    if (!options.output.report.empty() && !writeFile(options.output.report, json)) written = false;
    if (!print(options.output.json ? json : table.text())) written = false;
    return failed || !written ? kRunFailed : kDone;
}

}  // namespace rondo::cli
