#include "engine/compress/compression_cost.h"

#include <stdexcept>

#include "engine/comm/collectives/collective_cost.h"
#include "engine/comm/collectives/collectives.h"
#include "engine/compress/gradient_codec.h"
#include "engine/compress/power_sgd.h"

namespace rondo {

namespace {

PowerSgd::Sums sumsOf(const CompressionSpec& spec, const BucketRange& bucket) {
    return PowerSgd::sumsOf(bucket, std::get<PowerSgdCompression>(spec).rank);
}

[[noreturn]] void notCompressed() {
    throw std::logic_error("compression none has no cost of its own");
}

std::int64_t chunkBytes(const GradientCodec& codec, std::int64_t elements, int ranks, int index) {
    const auto [begin, end] = chunkOf(elements, ranks, index);
    return codec.bytesFor(end - begin);
}

/// Of all chunks together; there are only two sizes.
std::int64_t allChunksBytes(const GradientCodec& codec, std::int64_t elements, int ranks) {
    const std::int64_t longer = elements % ranks;
    return longer * chunkBytes(codec, elements, ranks, 0) +
           (ranks - longer) * chunkBytes(codec, elements, ranks, ranks - 1);
}

}  // namespace

std::int64_t encodedBytes(const CompressionSpec& spec, const BucketRange& bucket) {
    if (routeOf(spec) == CompressedRoute::None) notCompressed();
    if (routeOf(spec) != CompressedRoute::Reduce) return makeCodec(spec)->bytesFor(bucket.elements());
    const auto [first, second] = sumsOf(spec, bucket);
    return (first + second) * 4;
}

std::int64_t compressedBytesSent(const CompressionSpec& spec, const BucketRange& bucket, Rank rank,
                                 int ranks) {
    const auto codec = makeCodec(spec);
    switch (routeOf(spec)) {
        case CompressedRoute::None:
            notCompressed();
        case CompressedRoute::Gather:
            return (ranks - 1) * codec->bytesFor(bucket.elements());
        case CompressedRoute::Chunks: {
            if (ranks == 1) return 0;
            // To each its chunk, all but its own; then on to the right all but the neighbour's.
            return 2 * allChunksBytes(*codec, bucket.elements(), ranks) -
                   chunkBytes(*codec, bucket.elements(), ranks, rank.value) -
                   chunkBytes(*codec, bucket.elements(), ranks, (rank.value + 1) % ranks);
        }
        case CompressedRoute::Reduce: {
            const auto [first, second] = sumsOf(spec, bucket);
            return bytesSent(Collective::Ring, first, rank, ranks, 0) +
                   bytesSent(Collective::Ring, second, rank, ranks, 0);
        }
    }
    return 0;
}

std::int64_t compressedMessages(const CompressionSpec& spec, int ranks) {
    const std::int64_t n = ranks;
    switch (routeOf(spec)) {
        case CompressedRoute::None:
            notCompressed();
        case CompressedRoute::Gather:
            return n * (n - 1);
        case CompressedRoute::Chunks:
            return 2 * n * (n - 1);
        case CompressedRoute::Reduce:
            return 4 * n * (n - 1);
    }
    return 0;
}

double compressedSeconds(const CompressionSpec& spec, const BucketRange& bucket,
                         const NetworkTerms& network) {
    const double n = network.ranks;
    const LinkTerms link = network.slowest();
    if (network.ranks == 1) return 0;
    switch (routeOf(spec)) {
        case CompressedRoute::None:
            notCompressed();
        case CompressedRoute::Gather:
            return (n - 1) * link.seconds(static_cast<double>(encodedBytes(spec, bucket)));
        case CompressedRoute::Chunks: {
            const auto bytes =
                static_cast<double>(chunkBytes(*makeCodec(spec), bucket.elements(), network.ranks, 0));
            return n * link.latency + 2 * (n - 1) * bytes / link.bytesPerSecond;
        }
        case CompressedRoute::Reduce: {
            const auto [first, second] = sumsOf(spec, bucket);
            return secondsOf(Collective::Ring, static_cast<double>(first) * 4, network) +
                   secondsOf(Collective::Ring, static_cast<double>(second) * 4, network);
        }
    }
    return 0;
}

std::string compressedFormula(const CompressionSpec& spec) {
    const std::string letters =
        "\nN workers, c bytes that stand for the model, α latency and β bandwidth of a link";
    switch (routeOf(spec)) {
        case CompressedRoute::None:
            notCompressed();
        case CompressedRoute::Gather:
            return "(N−1)(α + c/β)" + letters;
        case CompressedRoute::Chunks:
            return "Nα + 2(N−1)/N·c/β" + letters;
        case CompressedRoute::Reduce:
            return "4(N−1)α + 2(N−1)/N·c/β" + letters;
    }
    return {};
}

}  // namespace rondo
