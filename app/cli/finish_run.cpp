#include "app/cli/finish_run.h"

#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/output_file.h"
#include "app/cli/report_text.h"
#include "engine/config/run_spec_json.h"
#include "engine/run/weights_file.h"

namespace rondo::cli {

void requireFolders(const RunSpec& spec, const OutputOptions& output) {
    requireFolderOf("--report", output.report);
    requireFolderOf("--weights", output.weights);
    requireFolderOf("--record", output.record);
    if (spec.weights.modelled && !output.weights.empty())
        throw BadInput(Problem{"--weights",
                               "given, expected none with model.weights modelled: there are none to write"});
}

int finishRun(const TrainingResult& result, const OutputOptions& options) {
    // Of a thousand workers half a gigabyte: not made in vain.
    const bool wanted = options.json || !options.report.empty();
    const std::string report = wanted ? prettyPrint(toJson(result.report)) : std::string();
    const bool failed = result.report.status == RunState::Failed;
    int code = failed ? kRunFailed : kDone;
    // Files first: whoever reads standard output may have gone.
    if (!options.report.empty() && !writeFile(options.report, report + "\n")) code = kRunFailed;
    if (!options.weights.empty() && failed)
        std::fprintf(stderr, "rondo-cli: %s: not written, since the run failed\n", options.weights.c_str());
    else if (!options.weights.empty())
        for (const Problem& problem : writeWeights(options.weights, result.model, result.weights)) {
            std::fprintf(stderr, "rondo-cli: %s\n", problem.text().c_str());
            code = kRunFailed;
        }
    if (!print(options.json ? report + "\n" : reportText(result.report))) code = kRunFailed;
    return code;
}

}  // namespace rondo::cli
