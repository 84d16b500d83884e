#include <cstdio>

#include "app/cli/bench/bench.h"
#include "app/cli/command.h"
#include "engine/config/run_spec_json.h"

namespace rondo::cli {

int benchCommand(const Bench& bench, bool json) {
    const boost::json::object result = bench.run();
    std::printf("%s\n", json ? prettyPrint(result).c_str() : bench.text(result).c_str());
    return kDone;
}

}  // namespace rondo::cli
