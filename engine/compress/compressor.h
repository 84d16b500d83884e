#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/comm/collectives/collectives.h"
#include "engine/compress/compression_tally.h"
#include "engine/compress/squares.h"
#include "engine/config/run_spec.h"
#include "engine/model/bucket_plan.h"
#include "engine/run/rank_state.h"

namespace rondo {

/// One rank's end of compressed exchanges, with what it remembers from one to the next. Gradients are
/// weighted for a sum over ranks, as everywhere. Encoding takes no modelled time.
///
/// Thread: the lane that exchanges; `beginStep` and `tally` while no exchange is under way.
class Compressor {
  public:
    virtual ~Compressor() = default;
    void beginStep(std::int64_t epoch);

    /// `gradient`, those of bucket `bucket`, becomes the sum over all ranks as far as the method keeps it,
    /// the same bits at every rank. Costs stand in compression_cost.h.
    virtual void allReduce(Communicator& comm, Values gradient, Bucket bucket, CollectiveTraits traits) = 0;
    /// What stands for `gradient`, the part of the model numbered `part`, to be sent to somebody who adds it
    /// with the codec. Valid until the next exchange of that part. Not for power_sgd.
    virtual Parcel encode(Values gradient, int part, Tag tag) = 0;

    const CompressionTally& tally() const { return tally_; }
    /// Before the first exchange: counts on where another one ended.
    void goOn(const CompressionTally& tally) { tally_ = tally; }

    /// Adds what it remembers, but for the tally, under "compression." and "own.compression.": one that
    /// restores it goes on to the same bits. Between steps, like `restore`.
    virtual void save(RankState& into) const = 0;
    /// Takes over what one of the same settings saved; where it saved nothing, begins anew. Anything else is
    /// BadInput and leaves it as it was.
    virtual void restore(const RankState& from) = 0;

  protected:
    virtual void enterEpoch(std::int64_t) {}
    void count(std::int64_t elements, std::int64_t encodedBytes);
    void measure(const SquaredLengths& lengths);

  private:
    CompressionTally tally_;
    SquaredLengths lengths_;  // of the present step
};

/// Null for compression `none`. `buckets` must outlive it.
std::unique_ptr<Compressor> makeCompressor(const RunSpec& spec, Rank rank,
                                           const std::vector<BucketRange>& buckets);

}  // namespace rondo
