#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/parts_text.h"
#include "engine/algorithms/predict.h"
#include "engine/config/run_spec_json.h"

namespace rondo::cli {

namespace {

void print(const char* name, const std::optional<double>& value, const char* unit) {
    if (value) std::printf("%-20s %.6g %s\n", name, *value, unit);
}

void printParts(const Prediction::Parts& parts, const RunSpec& spec) {
    if (parts.bubbleFraction) std::printf("%-20s %.2f %%\n", "bubble", 100 * *parts.bubbleFraction);
    if (const std::string form = bubbleTheoryText(spec); !form.empty())
        std::printf("%-20s %s\n", "", form.c_str());
    const std::vector<double> versions(parts.weightVersions.begin(), parts.weightVersions.end());
    std::printf("%-20s %s micro-batches, by stage\n", "peak activations",
                byStageText(parts.peakActivations).c_str());
    std::printf("%-20s %s at once, by stage\n", "weight versions", byStageText(versions).c_str());
}

}  // namespace

int predictCommand(const PredictOptions& options) {
    const RunSpec spec = load(options.settings);
    const Prediction p = predict(spec);
    if (options.json) {
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
    if (p.parts) printParts(*p.parts, spec);
    if (spec.runOn != RunOn::Virtual)
        std::puts(
            "Seconds are predicted for run_on virtual, whose cluster is known; this computer is measured "
            "instead.");
    return kDone;
}

}  // namespace rondo::cli
