#include <cstdio>

#include "app/cli/bench/bench.h"
#include "app/cli/command.h"
#include "engine/config/run_spec_json.h"

namespace rondo::cli {

int benchCommand(const Bench& bench, const std::string& over, bool json) {
    const Measurement measurement = measurementOf(bench, over);
    const boost::json::object result = measurement.run();
    std::printf("%s\n", json ? prettyPrint(result).c_str() : measurement.text(result).c_str());
    return kDone;
}

}  // namespace rondo::cli
