#include <cstdio>

#include "app/cli/command.h"
#include "engine/algorithms/predict.h"
#include "engine/config/run_spec_json.h"

namespace rondo::cli {

namespace {

void print(const char* name, const std::optional<double>& value, const char* unit) {
    if (value) std::printf("%-20s %.6g %s\n", name, *value, unit);
}

int run(const SettingsOptions& settings, bool json) {
    const RunSpec spec = settings.load();
    const Prediction p = predict(spec);
    if (json) {
        std::printf("%s\n", prettyPrint(toJson(p)).c_str());
        return kDone;
    }
    std::printf("%-20s %lld\n", "parameters", static_cast<long long>(p.parameters));
    if (p.steps) std::printf("%-20s %lld\n", "steps", static_cast<long long>(*p.steps));
    std::printf("%-20s %lld bytes in %lld messages\n", "payload per step",
                static_cast<long long>(p.payloadPerStep()), static_cast<long long>(p.messagesPerStep));
    print("compute per step", p.computeSeconds, "s");
    print("collective per step", p.collectiveSeconds, "s");
    print("step", p.stepSeconds, "s");
    print("whole run", p.seconds, "s");
    print("rate", p.samplesPerSecond, "samples/s");
    if (spec.runOn != RunOn::Virtual)
        std::puts(
            "Seconds are predicted for run_on virtual, whose cluster is known; this computer is measured "
            "instead.");
    return kDone;
}

}  // namespace

void addPredict(CLI::App& app, Action& action) {
    auto settings = std::make_shared<SettingsOptions>();
    auto json = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand("predict", "Say what theory expects of a run");
    settings->addTo(*command);
    command->add_flag("--json", *json, "Print JSON");
    command->callback([=, &action] { action = [=] { return run(*settings, *json); }; });
}

}  // namespace rondo::cli
