#include <cstdlib>

#include "net/wire/control_message.h"
#include "net/wire/plain_words.h"
#include "tests/fuzz/targets.h"
#include "tests/support/sample_control_messages.h"

using namespace rondo;
using namespace rondo::net;

// What was understood is written and understood again as the same; what was refused is named in words that
// fit in a line; and any bytes make a name that is taken.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto message = readControlMessage(text)) {
        const std::string line = toText(*message);
        const auto back = readControlMessage(line);
        if (!back || !(*back == *message) || toText(*back) != line) std::abort();
    } else if (message.problems().size() != 1 || message.error().size() > 300) {
        std::abort();
    }
    const std::string name = tidyName(text);
    if (name.empty() || name.size() > kMostNameBytes || !arePlainWords(name)) std::abort();
    if (!readControlMessage(toText(Rename{name}))) std::abort();
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    std::vector<std::string> seeds;
    for (const ControlMessage& message : rondo::test::controlMessages()) seeds.push_back(toText(message));
    return seeds;
}
