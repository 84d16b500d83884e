#pragma once

#include <memory>
#include <optional>

#include "engine/algorithms/worker.h"
#include "engine/config/run_spec.h"
#include "engine/model/bucket_plan.h"

namespace rondo {

/// The α-β network as theory sees it: one latency, one bandwidth, `ranks` alike. Of unlike links, the
/// slowest.
struct NetworkTerms {
    int ranks = 1;
    double latency = 0;         ///< α, seconds
    double bytesPerSecond = 0;  ///< β; infinity where messages are pure delay
};

/// One way of training with many workers. Stateless: one object serves all ranks at once.
class Algorithm {
  public:
    virtual ~Algorithm() = default;

    /// Trains on this rank until the run is over; the same lines in every mode.
    virtual void train(Worker& worker) const = 0;

    // What theory says of one step.
    /// Payload bytes rank `rank` sends to exchange the buckets.
    virtual std::int64_t bytesSent(std::span<const BucketRange> buckets, Rank rank, int ranks) const = 0;
    /// Messages of all ranks together.
    virtual std::int64_t messages(std::span<const BucketRange> buckets, int ranks) const = 0;
    /// Seconds to exchange `bytes` on an idle network.
    virtual double exchangeSeconds(double bytes, const NetworkTerms& network) const = 0;
    virtual bool overlaps() const = 0;
    /// How often ranks synchronise in a step: 0 or 1.
    virtual int roundsPerStep() const = 0;
};

/// The algorithm the settings name.
std::unique_ptr<Algorithm> makeAlgorithm(const AlgorithmSpec& spec);

}  // namespace rondo
