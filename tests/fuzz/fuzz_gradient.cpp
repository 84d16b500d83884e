#include <cstdlib>

#include "engine/comm/communicator.h"
#include "engine/compress/gradient_codec.h"
#include "tests/fuzz/targets.h"
#include "tests/support/made_gradients.h"

using namespace rondo;

namespace {

constexpr std::size_t kCodecs = 7;
std::unique_ptr<GradientCodec> codecOf(std::size_t which) {
    const CompressionSpec specs[kCodecs] = {
        HalfCompression{},      TopKCompression{.density = 0.1},  DgcCompression{.density = 0.1},
        QuantizeCompression{},  QuantizeCompression{.levels = 5}, SignCompression{},
        RandomMaskCompression{}};
    return makeCodec(specs[which]);
}

}  // namespace

// The first byte chooses the codec, the next two the number of values, the rest is what a peer sent: refused
// as of the wrong size, or added to these values and to no others.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const std::size_t count = data[1] | std::size_t{data[2]} << 8;
    std::vector<float> values(count + 2);
    try {
        codecOf(data[0] % kCodecs)
            ->add(std::as_bytes(std::span(data, size)).subspan(3), std::span(values).subspan(1, count));
    } catch (const CommError& error) {
        if (error.kind() != CommError::Kind::WrongSize) std::abort();
    }
    if (values.front() != 0 || values.back() != 0) std::abort();
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    std::vector<std::string> seeds;
    for (std::size_t which = 0; which < kCodecs; ++which)
        for (const std::size_t count : {1u, 30u, 200u}) {
            const auto bytes = test::encoded(*codecOf(which), test::gaussian(count));
            std::string seed{static_cast<char>(which), static_cast<char>(count), '\0'};
            seed.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            seeds.push_back(std::move(seed));
        }
    return seeds;
}
