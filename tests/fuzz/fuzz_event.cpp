#include <cstdlib>

#include "engine/events/event_codec.h"
#include "tests/fuzz/targets.h"
#include "tests/support/sample_events.h"

using namespace rondo;

// What was read is written and read again: the second writing must equal the first.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::span<const std::byte> rest(reinterpret_cast<const std::byte*>(data), size);
    while (!rest.empty()) {
        const std::size_t before = rest.size();
        const auto event = decode(rest);
        if (!event) {
            if (rest.size() != before) std::abort();
            break;
        }
        std::vector<std::byte> once, twice;
        encode(*event, once);
        std::span<const std::byte> again(once);
        const auto back = decode(again);
        if (!back || !again.empty()) std::abort();
        encode(*back, twice);
        if (once != twice) std::abort();
    }
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    std::vector<std::string> seeds;
    for (const Event& event : rondo::testing::oneOfEach()) {
        std::vector<std::byte> bytes;
        encode(event, bytes);
        if (bytes.size() < 1000)
            seeds.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return seeds;
}
