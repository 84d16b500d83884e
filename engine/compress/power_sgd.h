#pragma once

#include <map>
#include <vector>

#include "engine/compress/compressor.h"

namespace rondo {

/// PowerSGD (Vogels et al. 2019): the gradient M (n×m) of a layer's weights is approximated by P·Qᵀ of rank
/// r, found by one step of power iteration that starts with the last step's Q. Both factors are sums over
/// ranks, so they are added on their way by a ring all-reduce each; what is left out stays with the rank
/// (error feedback). Biases, and layers the factors would be no smaller than, go whole, with P.
///
/// Bytes of a layer: 4·r(n+m) instead of 4·n·m. Memory: 4 bytes a parameter. Arithmetic: 8·r·n·m a step.
class PowerSgd final : public Compressor {
  public:
    PowerSgd(const PowerSgdCompression& spec, std::uint64_t seed, const std::vector<BucketRange>& buckets);
    void allReduce(Communicator& comm, Values gradient, Bucket bucket, CollectiveTraits traits) override;
    Parcel encode(Values gradient, int part, Tag tag) override;
    /// Q is the same at all ranks, and has to be.
    void save(RankState& into) const override;
    void restore(const RankState& from) override;

    /// Elements of the two sums that stand for a bucket: P and what goes whole, then Q.
    struct Sums {
        std::int64_t first = 0, second = 0;
    };
    static Sums sumsOf(const BucketRange& bucket, std::int64_t rank);

  private:
    /// The gradient of a tensor, by rows.
    struct Matrix {
        std::int64_t begin = 0;  ///< in its bucket
        std::int64_t rows = 0, columns = 0;
        std::int64_t rank = 0;  ///< 0: it goes whole
        std::vector<float> q;   ///< where the next step starts: Q of the last, column by column
        std::int64_t sizeOfP() const { return rank * rows; }
        std::int64_t sizeOfQ() const { return rank * columns; }
        void startFrom(std::span<const float> sum);
    };
    struct Part {
        std::vector<Matrix> matrices;
        std::vector<float> error;
    };
    Part& partOf(Bucket bucket);
    Part newPart(Bucket bucket) const;
    /// This rank's part of the sum of P and of what goes whole.
    static void makeFirst(const Part& part, std::span<const float> all, std::span<float> first);
    /// From the first sum, whose P it makes orthonormal, this rank's part of the sum of Q. `all` becomes what
    /// of it is not sent.
    static void makeSecond(const Part& part, std::span<float> all, std::span<float> first,
                           std::span<float> second);
    /// What both sums stand for.
    static void decode(Part& part, std::span<float> first, std::span<float> second, std::span<float> all);

    const PowerSgdCompression spec_;
    const std::uint64_t seed_;
    const std::vector<BucketRange>& buckets_;
    std::map<Bucket, Part> parts_;
};

}  // namespace rondo
