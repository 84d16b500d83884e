#include <cstdlib>

#include "engine/data/samples_codec.h"
#include "tests/fuzz/targets.h"
#include "tests/support/small_samples.h"

using namespace rondo;

// What was taken is whole: every sample can be gathered, and it is packed and taken again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto samples = unpackSamples(std::as_bytes(std::span(data, size)));
    if (!samples) return 0;
    std::vector<float> row(static_cast<std::size_t>(samples->shape.features()));
    std::vector<std::int64_t> labels(static_cast<std::size_t>(samples->shape.positions));
    for (const std::int64_t chosen : {std::int64_t{0}, samples->size() - 1}) {
        samples->gather(std::span(&chosen, 1), row);
        samples->gatherLabels(std::span(&chosen, 1), labels);
    }
    const auto back = unpackSamples(packed(*samples));
    if (!back || back->fingerprint() != samples->fingerprint()) std::abort();
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    std::vector<std::string> seeds;
    for (const Samples& samples : test::smallSamples()) {
        const auto bytes = packed(samples);
        seeds.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return seeds;
}
