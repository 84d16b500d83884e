#include "app/cli/command.h"
#include "engine/config/run_spec_json.h"

namespace rondo::cli {

boost::json::value loadUnchecked(const SettingsOptions& options) {
    auto json = loadJson(options.file);
    if (!json) throw BadInput(json.problems());
    for (const std::string& assignment : options.assignments) {
        json = withAssignment(*json, assignment);
        if (!json) throw BadInput(json.problems());
    }
    return *std::move(json);
}

RunSpec load(const SettingsOptions& options) {
    auto spec = runSpecFrom(loadUnchecked(options));
    if (!spec) throw BadInput(spec.problems());
    return *spec;
}

}  // namespace rondo::cli
