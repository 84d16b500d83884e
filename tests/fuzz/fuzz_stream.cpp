#include <cstdlib>

#include "engine/events/recording.h"
#include "tests/fuzz/targets.h"
#include "tests/support/sample_events.h"

using namespace rondo;

// The stream is fed in two pieces and in one: both must give the same events and the same verdict.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const char> bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = size == 0 ? 0 : data[size / 2] * size / 256;
    BlockReader whole, pieces;
    std::vector<Event> one, two;
    const auto first = whole.feed(bytes, one);
    pieces.feed(bytes.first(cut), two);
    const auto second = pieces.feed(bytes.subspan(cut), two);
    if (one.size() != two.size() || first != second || whole.consumed() != pieces.consumed()) std::abort();
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    BlockWriter writer;
    std::string stream = BlockWriter::header();
    for (const Event& event : rondo::testing::oneOfEach()) {
        writer.add(event);
        stream += writer.takeBlock();
    }
    return {stream, BlockWriter::header()};
}
