#include "engine/compress/compressor.h"

#include <cmath>

#include "engine/compress/codec_compressor.h"
#include "engine/compress/power_sgd.h"

namespace rondo {

void Compressor::beginStep(std::int64_t epoch) {
    lengths_ = {};
    enterEpoch(epoch);
}

void Compressor::count(std::int64_t elements, std::int64_t encodedBytes) {
    tally_.denseBytes += elements * 4;
    tally_.encodedBytes += encodedBytes;
}

void Compressor::measure(const SquaredLengths& lengths) {
    lengths_.wanted += lengths.wanted;
    lengths_.missed += lengths.missed;
    tally_.error = lengths_.wanted == 0 ? 0 : std::sqrt(lengths_.missed / lengths_.wanted);
}

std::unique_ptr<Compressor> makeCompressor(const RunSpec& spec, Rank rank,
                                           const std::vector<BucketRange>& buckets) {
    if (const auto* powerSgd = std::get_if<PowerSgdCompression>(&spec.compression))
        return std::make_unique<PowerSgd>(*powerSgd, static_cast<std::uint64_t>(spec.seed), buckets);
    if (routeOf(spec.compression) == CompressedRoute::None) return nullptr;
    return std::make_unique<CodecCompressor>(spec, rank, buckets);
}

}  // namespace rondo
