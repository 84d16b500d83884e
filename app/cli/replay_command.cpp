#include <boost/json/parse.hpp>
#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/terminal_progress.h"
#include "engine/config/run_spec_json.h"
#include "engine/events/recording.h"

namespace rondo::cli {

namespace {

int replay(const std::string& file, bool json) {
    auto recording = readRecording(file);
    if (!recording) throw BadInput(recording.problems());
    std::string report;
    std::uint64_t steps = 0;
    double lastLoss = 0, lastTime = 0;
    for (const Event& event : recording->events) {
        if (const auto* ended = std::get_if<RunEnded>(&event)) report = ended->report;
        lastTime = std::max(lastTime, secondsOf(stampOf(event).at));
        if (const auto* step = std::get_if<StepCompleted>(&event)) {
            ++steps;
            lastLoss = step->loss;
        }
    }
    const std::size_t count = recording->events.size();
    if (!json) {
        TerminalProgress progress;
        progress.publish(std::span<Event>((*recording).events));
    }
    if (json && !report.empty())
        std::printf("%s\n", prettyPrint(boost::json::parse(report)).c_str());
    else if (!report.empty())
        std::printf("%zu events, %llu steps\n", count, static_cast<unsigned long long>(steps));
    else if (json)
        std::printf("%s\n", prettyPrint({{"status", "cut"},
                                         {"events", count},
                                         {"steps", steps},
                                         {"seconds", lastTime},
                                         {"train_loss", lastLoss}})
                                .c_str());
    else
        std::printf("%zu events, %llu steps; the recording has no end\n", count,
                    static_cast<unsigned long long>(steps));
    std::fflush(stdout);
    if (recording->cut) throw BadInput(*recording->cut);
    return kDone;
}

}  // namespace

void addReplay(CLI::App& app, Action& action) {
    auto file = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* command =
        app.add_subcommand("replay", "Tell what a recording holds; exit code 2 when it is cut or damaged");
    command->add_option("recording", *file, "A .rondo file")->required();
    command->add_flag("--json", *json, "Print the report the recording ends with, as JSON");
    command->callback([=, &action] { action = [=] { return replay(*file, *json); }; });
}

}  // namespace rondo::cli
