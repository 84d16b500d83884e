#include "app/cli/command.h"
#include "engine/config/run_spec_json.h"

namespace rondo::cli {

void SettingsOptions::addTo(CLI::App& command) {
    command.add_option("settings", file, "Settings of the run, a JSON file")->required();
    command
        .add_option("--set", assignments,
                    "Change a setting: path=value, such as data.train=1000 (repeatable)")
        ->allow_extra_args(false);
}

RunSpec SettingsOptions::load() const {
    auto json = loadJson(file);
    if (!json) throw BadInput(json.problems());
    for (const std::string& assignment : assignments) {
        json = withAssignment(*json, assignment);
        if (!json) throw BadInput(json.problems());
    }
    auto spec = runSpecFrom(*json);
    if (!spec) throw BadInput(spec.problems());
    return *spec;
}

}  // namespace rondo::cli
