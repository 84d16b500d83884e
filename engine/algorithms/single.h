#pragma once

#include "engine/algorithms/algorithm.h"

namespace rondo {

/// One worker on its own: the reference every other algorithm is compared with. Sends nothing.
class Single final : public Algorithm {
  public:
    void train(Worker& worker) const override;
    std::string picture() const override { return "One worker, nothing to send"; }
    std::int64_t bytesSent(std::span<const BucketRange>, Rank, int) const override { return 0; }
    std::int64_t messages(std::span<const BucketRange>, int) const override { return 0; }
    double exchangeSeconds(const BucketRange&, const NetworkTerms&) const override { return 0; }
    bool overlaps() const override { return false; }
    int roundsPerStep() const override { return 0; }
};

}  // namespace rondo
