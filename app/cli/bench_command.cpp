#include <cstdio>

#include "app/cli/bench/bench.h"
#include "app/cli/command.h"
#include "engine/config/run_spec_json.h"

namespace rondo::cli {

void addBench(CLI::App& app, Action& action) {
    auto json = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand(
        "bench", "Measure this computer, always against a peer or a limit in the same run");
    command->require_subcommand(1);
    for (const Bench& bench : benches()) {
        CLI::App* one = command->add_subcommand(bench.name, bench.help);
        one->add_flag("--json", *json, "Print JSON");
        one->callback([=, &action] {
            action = [=] {
                const boost::json::object result = bench.run();
                std::printf("%s\n", *json ? prettyPrint(result).c_str() : bench.text(result).c_str());
                return kDone;
            };
        });
    }
}

}  // namespace rondo::cli
