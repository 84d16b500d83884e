#pragma once

#include <map>
#include <optional>

#include "engine/compress/compressor.h"
#include "engine/compress/gradient_codec.h"
#include "engine/compress/unsent.h"

namespace rondo {

/// Exchanges by a codec: encoded chunks where they are nearly as long as what they stand for, everyone's
/// encoded gradients where they are sparse (their sum would be less so with each rank).
class CodecCompressor final : public Compressor {
  public:
    CodecCompressor(const RunSpec& spec, Rank rank, const std::vector<BucketRange>& buckets);
    void allReduce(Communicator& comm, Values gradient, Bucket bucket, CollectiveTraits traits) override;
    Parcel encode(Values gradient, int part, Tag tag) override;
    void save(RankState& into) const override;
    void restore(const RankState& from) override;

  private:
    void enterEpoch(std::int64_t epoch) override;
    /// Encodes a part, counts it, and remembers what of it was not sent.
    void take(Values gradient, int part, std::vector<std::byte>& out);

    const CompressedRoute route_;
    const std::optional<DgcCompression> dgc_;
    const std::vector<std::int64_t> partSizes_;
    std::unique_ptr<GradientCodec> codec_;
    Random random_;
    std::unique_ptr<Unsent> unsent_;
    std::map<int, std::vector<std::byte>> parts_;  ///< what `encode` gave out
};

}  // namespace rondo
