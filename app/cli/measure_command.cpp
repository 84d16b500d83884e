#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/output_file.h"
#include "engine/config/run_spec_json.h"
#include "engine/config/validate.h"
#include "engine/training/measure_layers.h"

namespace rondo::cli {

int measureCommand(const MeasureOptions& options) {
    const RunSpec spec = load(options.settings);
    requireFolderOf("--out", options.out);
    const MeasuredLayers measured = measureLayers(spec);
    const RunSpec timed = withTimes(spec, measured);
    // What threads allow, virtual time may not.
    if (const Problems problems = validate(timed); !problems.empty()) throw BadInput(problems);
    if (!options.out.empty() && !writeFile(options.out, toText(timed) + "\n")) return kRunFailed;

    if (options.json) {
        boost::json::array layers;
        for (std::size_t i = 0; i < measured.times.size(); ++i)
            layers.push_back({{"name", measured.names[i]},
                              {"parameters", measured.parameters[i]},
                              {"forward_ms", measured.times[i].forwardMs},
                              {"backward_input_ms", measured.times[i].backwardInputMs},
                              {"backward_weight_ms", measured.times[i].backwardWeightMs}});
        print(prettyPrint(boost::json::object{{"samples", measured.samples}, {"layers", std::move(layers)}}) +
              "\n");
        return kDone;
    }
    std::printf("One micro-batch of %lld samples, milliseconds:\n%-12s %12s %10s %15s %16s\n",
                static_cast<long long>(measured.samples), "layer", "parameters", "forward", "backward, input",
                "backward, weight");
    LayerTimesSpec sum;
    for (std::size_t i = 0; i < measured.times.size(); ++i) {
        const LayerTimesSpec& t = measured.times[i];
        std::printf("%-12s %12lld %10.3f %15.3f %16.3f\n", measured.names[i].c_str(),
                    static_cast<long long>(measured.parameters[i]), t.forwardMs, t.backwardInputMs,
                    t.backwardWeightMs);
        sum.forwardMs += t.forwardMs;
        sum.backwardInputMs += t.backwardInputMs;
        sum.backwardWeightMs += t.backwardWeightMs;
    }
    std::printf("%-12s %12s %10.3f %15.3f %16.3f\n", "together", "", sum.forwardMs, sum.backwardInputMs,
                sum.backwardWeightMs);
    return kDone;
}

}  // namespace rondo::cli
