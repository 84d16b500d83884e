#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/comm/collectives/collectives.h"
#include "engine/compress/squares.h"
#include "engine/config/run_spec.h"
#include "engine/model/bucket_plan.h"

namespace rondo {

/// What a rank has sent in compressed form.
struct CompressionTally {
    std::int64_t denseBytes = 0;    ///< that the gradients would have taken
    std::int64_t encodedBytes = 0;  ///< that stood for them
    double error = 0;  ///< ‖v − sent‖/‖v‖ of all values v there were to send in the latest step
    bool operator==(const CompressionTally&) const = default;
};

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
