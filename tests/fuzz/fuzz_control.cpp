#include <cstdlib>

#include "engine/control/control.h"
#include "tests/fuzz/targets.h"

using namespace rondo;

// What was understood must survive being written as a line of our own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto command = parseCommand({reinterpret_cast<const char*>(data), size});
    if (!command) return 0;
    const auto back = parseCommand(toLine(*command));
    if (!back || !(*back == *command)) std::abort();
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    return {toLine(StartRun{"{\"workers\": 4}", "run.rondo"}),
            toLine(SetSpeed{0.01}),
            toLine(OpenRoom{":0", true, "K7MQ2X"}),
            toLine(RenameMember{3, "a"}),
            toLine(WriteCheckpoint{"a"}),
            toLine(PauseRun{}),
            toLine(Quit{}),
            R"({"do":"start","spec":"\u00fc\n\"","record":""})"};
}
