#include <algorithm>
#include <cstdlib>

#include "net/wire/frame.h"
#include "tests/fuzz/targets.h"

using namespace rondo;
using namespace rondo::net;

// A header that was understood is written as the same 48 bytes, and a whole message is as long as it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
    const auto header = decodeFrameHeader(bytes);
    const auto frame = readFrame(bytes);
    if (!header) {
        if (frame) std::abort();
        return 0;
    }
    if (!std::ranges::equal(encode(*header), bytes.first(FrameHeader::kBytes))) std::abort();
    if (!frame) return 0;
    if (!(frame->header == *header)) std::abort();
    if (frame->body.size() != size - FrameHeader::kBytes) std::abort();
    if (!header->counted && frame->body.size() != header->payloadBytes) std::abort();
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    std::vector<std::string> seeds;
    for (int kind = 1; kind <= 4; ++kind)
        for (const std::size_t body : {0u, 1u, 100u}) {
            const auto header = encode({.kind = static_cast<FrameHeader::Kind>(kind),
                                        .communicationLane = kind % 2 == 0,
                                        .counted = body == 1,
                                        .generation = 3,
                                        .from = kind - 2,
                                        .payloadBytes = body,
                                        .begin = -5});
            std::string seed(reinterpret_cast<const char*>(header.data()), header.size());
            seeds.push_back(seed + std::string(body == 1 ? 0 : body, 'x'));
        }
    return seeds;
}
