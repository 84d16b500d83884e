#include "engine/compress/codec_compressor.h"

#include <limits>

#include "engine/comm/collectives/collectives.h"
#include "engine/compress/compressed_sum.h"
#include "engine/compress/sparse.h"
#include "engine/core/overloaded.h"

namespace rondo {

namespace {

std::unique_ptr<Unsent> unsentFor(const RunSpec& spec, const GradientCodec& codec, Random& random) {
    if (const auto* dgc = std::get_if<DgcCompression>(&spec.compression)) {
        const auto* sgd = std::get_if<SgdOptimizer>(&spec.optimizer);
        return deepGradientCompression(*dgc, sgd ? sgd->momentum : 0.0, static_cast<int>(spec.workers));
    }
    const bool feedback = std::visit(Overloaded{
                                         [](const TopKCompression& s) { return s.errorFeedback; },
                                         [](const SignCompression& s) { return s.errorFeedback; },
                                         [](const RandomMaskCompression& s) { return s.errorFeedback; },
                                         [](const auto&) { return false; },
                                     },
                                     spec.compression);
    return feedback ? errorFeedback(codec, random) : forget(codec, random);
}

/// Elements of what is sent by itself: the servers' shards, or buckets.
std::vector<std::int64_t> partSizesOf(const RunSpec& spec, const std::vector<BucketRange>& buckets) {
    std::vector<std::int64_t> sizes;
    for (int server = 0; server < serversOf(spec); ++server) {
        const auto [begin, end] = chunkOf(elementsOf(buckets), serversOf(spec), server);
        sizes.push_back(end - begin);
    }
    if (!sizes.empty()) return sizes;
    for (const BucketRange& bucket : buckets) sizes.push_back(bucket.elements());
    return sizes;
}

const std::string kOwn = "own.compression.";

}  // namespace

CodecCompressor::CodecCompressor(const RunSpec& spec, Rank rank, const std::vector<BucketRange>& buckets)
    : route_(routeOf(spec.compression)),
      dgc_(std::holds_alternative<DgcCompression>(spec.compression)
               ? std::optional(std::get<DgcCompression>(spec.compression))
               : std::nullopt),
      partSizes_(partSizesOf(spec, buckets)),
      codec_(makeCodec(spec.compression)),
      random_(seedFor(static_cast<std::uint64_t>(spec.seed), "compression", rank.index())),
      unsent_(unsentFor(spec, *codec_, random_)) {}

void CodecCompressor::enterEpoch(std::int64_t epoch) {
    unsent_->enterEpoch(epoch);
    // Values that are only counted have no other size than the codec's.
    if (dgc_) codec_ = std::make_unique<RunLengthCodec>(dgcDensity(*dgc_, epoch));
}

void CodecCompressor::take(Values gradient, int part, std::vector<std::byte>& out) {
    const auto elements = static_cast<std::int64_t>(gradient.size());
    if (gradient.onlyCounted()) return count(elements, codec_->bytesFor(elements));
    measure(unsent_->encode(part, gradient.floats(), out));
    count(elements, static_cast<std::int64_t>(out.size()));
}

void CodecCompressor::allReduce(Communicator& comm, Values gradient, Bucket bucket, CollectiveTraits traits) {
    const auto encode = [&](Values values, std::vector<std::byte>& out) { take(values, bucket.value, out); };
    if (route_ == CompressedRoute::Chunks)
        sumByChunks(comm, *codec_, encode, gradient, traits);
    else
        sumByGathering(comm, *codec_, encode, gradient, traits);
}

Parcel CodecCompressor::encode(Values gradient, int part, Tag tag) {
    std::vector<std::byte>& bytes = parts_[part];
    take(gradient, part, bytes);
    return parcelOfEncoded(*codec_, gradient, bytes, tag);
}

void CodecCompressor::save(RankState& into) const {
    into.counts.emplace_back(kOwn + "random", static_cast<std::int64_t>(random_.state()));
    unsent_->save(into, kOwn);
}

void CodecCompressor::restore(const RankState& from) {
    StateReader shared(from, "compression."), reader(from, kOwn);
    shared.end("this compression");
    const auto random = reader.count("random", std::numeric_limits<std::int64_t>::min());
    unsent_->restore(reader, partSizes_);
    if (random) random_ = Random(static_cast<std::uint64_t>(*random));
}

}  // namespace rondo
