#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/algorithms/server.h"
#include "engine/algorithms/worker.h"
#include "engine/comm/collectives/collective_links.h"
#include "engine/comm/network_terms.h"
#include "engine/config/run_spec.h"
#include "engine/model/bucket_plan.h"

namespace rondo {

/// One way of training with many workers. Stateless: one object serves all ranks at once.
class Algorithm {
  public:
    virtual ~Algorithm() = default;

    /// Trains on this rank until the run is over; the same lines in every mode.
    virtual void train(Worker& worker) const = 0;

    /// Ranks beside the workers, after them; each of them serves.
    virtual int servers() const { return 0; }
    /// Serves until every worker has left.
    virtual void serve(Server&) const {}

    /// Whether workers wait for one another, so that a step has one global batch and they pause, end and are
    /// evaluated at borders they share. Otherwise each goes at its own speed.
    virtual bool lockStep() const { return true; }
    /// Whether a worker may leave out steps that the others made without it.
    virtual bool skipsSteps() const { return false; }

    /// Whether all workers have the same weights after a step; else the run's model is their mean, and their
    /// distance from it is watched.
    virtual bool agrees() const { return true; }
    /// Of the mixing matrix, the largest absolute value but the first, where workers mix.
    virtual std::optional<double> secondEigenvalue() const { return {}; }

    // For who watches.
    /// The links it sends over, ordered and each once; of more than `most` none, since nobody could tell them
    /// apart.
    virtual std::vector<DirectedLink> links(std::size_t /*most*/) const { return {}; }
    /// How the ranks stand to one another, in a few words: "4 workers in a ring".
    virtual std::string picture() const = 0;
    /// What an exchange costs on an idle network, in closed form, with the meaning of its letters; empty when
    /// nothing is sent.
    virtual std::string formula() const { return {}; }

    // What theory says of one step.
    /// Payload bytes rank `rank`, worker or server, sends to exchange the buckets.
    virtual std::int64_t bytesSent(std::span<const BucketRange> buckets, Rank rank, int workers) const = 0;
    /// Messages of all ranks together.
    virtual std::int64_t messages(std::span<const BucketRange> buckets, int workers) const = 0;
    /// Seconds to exchange a bucket on an idle network.
    virtual double exchangeSeconds(const BucketRange& bucket, const NetworkTerms& network) const = 0;
    /// What the first step takes longer than the others.
    virtual double startSeconds(const BucketRange&, const NetworkTerms&) const { return 0; }
    /// No step takes less, however fast the workers: what the busiest rank does for one step of all.
    virtual double leastStepSeconds(const BucketRange&, double /*update*/, const NetworkTerms&) const {
        return 0;
    }
    /// The part of the model that whoever updates it updates.
    virtual double updateShare() const { return 1; }
    /// How many of the workers a step waits for: the fastest so many.
    virtual int waitsFor(int workers) const { return workers; }
    virtual bool overlaps() const = 0;
    /// How often ranks synchronise in a step: 0 or 1.
    virtual int roundsPerStep() const = 0;
};

/// The algorithm the settings name, for the workers and the cluster they name.
std::unique_ptr<Algorithm> makeAlgorithm(const RunSpec& spec, const ModelPlan& model);
/// With the sizes the settings promise.
std::unique_ptr<Algorithm> makeAlgorithm(const RunSpec& spec);

}  // namespace rondo
