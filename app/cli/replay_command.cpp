#include <algorithm>
#include <boost/json/parse.hpp>
#include <optional>

#include "app/cli/command.h"
#include "app/cli/terminal_progress.h"
#include "engine/config/run_spec_json.h"
#include "engine/events/recording.h"

namespace rondo::cli {

namespace {

/// What remains to be said of a recording once its events have gone by.
struct Seen {
    std::uint64_t events = 0, steps = 0;
    double lastLoss = 0, lastTime = 0;
    std::optional<std::string> report;  // empty text: it was too big to be kept

    void take(const Event& event) {
        ++events;
        lastTime = std::max(lastTime, secondsOf(stampOf(event).at));
        if (const auto* ended = std::get_if<RunEnded>(&event)) report = ended->report;
        if (const auto* step = std::get_if<StepCompleted>(&event)) {
            ++steps;
            lastLoss = step->loss;
        }
    }
    boost::json::object json(const std::string& file) const {
        if (!report || report->empty())
            return {{"status", report ? "unknown" : "cut"},
                    {"events", events},
                    {"steps", steps},
                    {"seconds", lastTime},
                    {"train_loss", lastLoss}};
        boost::system::error_code error;
        boost::json::value parsed = boost::json::parse(*report, error);
        if (error) throw BadInput(Problem{file, "the report it ends with is not JSON: " + error.message()});
        if (!parsed.is_object()) throw BadInput(Problem{file, "the report it ends with is no object"});
        return parsed.as_object();
    }
    std::string text(const std::string& file) const {
        std::string line = std::to_string(events) + " events, " + std::to_string(steps) + " steps; ";
        if (!report) return line + "the recording has no end\n";
        const auto ended = json(file);
        for (const char* name : {"status", "error"})
            if (const auto* word = ended.if_contains(name); word && word->is_string())
                line += (name == std::string_view("error") ? ": " : "") + std::string(word->as_string());
        return line + "\n";
    }
};

}  // namespace

int replayCommand(const ReplayOptions& options) {
    Seen seen;
    std::optional<TerminalProgress> progress;
    if (!options.json) progress.emplace();
    const auto end = readEvents(options.file, [&](std::vector<Event>& events) {
        for (const Event& event : events) seen.take(event);
        if (progress) progress->publish(std::span<Event>(events));
        return true;
    });
    progress.reset();
    if (!end) throw BadInput(end.problems());
    const bool printed =
        print(options.json ? prettyPrint(seen.json(options.file)) + "\n" : seen.text(options.file));
    if (end->cut) throw BadInput(*end->cut);
    return printed ? kDone : kRunFailed;
}

}  // namespace rondo::cli
