#include "engine/compress/power_sgd.h"

#include <algorithm>
#include <stdexcept>

#include "engine/compress/low_rank.h"
#include "engine/core/random.h"

namespace rondo {

namespace {

const std::string kShared = "compression.", kOwn = "own.compression.";

std::size_t sizeOf(std::int64_t n) {
    return static_cast<std::size_t>(n);
}

/// The rank a tensor is factored with; 0: it goes whole.
std::int64_t rankFor(const TensorRange& tensor, std::int64_t rank) {
    const std::int64_t n = tensor.rows, m = tensor.columns;
    const std::int64_t r = std::min({rank, n, m});
    return n > 1 && m > 1 && r * (n + m) < n * m ? r : 0;
}

/// Cuts views of so many elements, one behind the other.
class Cutter {
  public:
    explicit Cutter(std::span<float> all) : rest_(all) {}
    std::span<float> operator()(std::int64_t size) {
        const auto view = rest_.first(sizeOf(size));
        rest_ = rest_.subspan(sizeOf(size));
        return view;
    }

  private:
    std::span<float> rest_;
};

}  // namespace

PowerSgd::PowerSgd(const PowerSgdCompression& spec, std::uint64_t seed,
                   const std::vector<BucketRange>& buckets)
    : spec_(spec), seed_(seed), buckets_(buckets) {}

PowerSgd::Sums PowerSgd::sumsOf(const BucketRange& bucket, std::int64_t rank) {
    Sums sums;
    for (const TensorRange& tensor : bucket.tensors) {
        const std::int64_t r = rankFor(tensor, rank);
        sums.first += r > 0 ? r * tensor.rows : tensor.rows * tensor.columns;
        sums.second += r * tensor.columns;
    }
    return sums;
}

PowerSgd::Part& PowerSgd::partOf(Bucket bucket) {
    const auto place = parts_.find(bucket);
    return place != parts_.end() ? place->second : parts_[bucket] = newPart(bucket);
}

PowerSgd::Part PowerSgd::newPart(Bucket bucket) const {
    Part part;
    const BucketRange& range = buckets_[bucket.index()];
    for (const TensorRange& tensor : range.tensors) {
        Matrix matrix{
            tensor.begin - range.begin, tensor.rows, tensor.columns, rankFor(tensor, spec_.rank), {}};
        // The same start at every rank.
        Random random(seedFor(seed_, "power_sgd", static_cast<std::uint64_t>(tensor.begin)));
        for (std::int64_t i = 0; i < matrix.sizeOfQ(); ++i)
            matrix.q.push_back(static_cast<float>(random.normal()));
        part.matrices.push_back(std::move(matrix));
    }
    part.error.resize(sizeOf(range.elements()));
    return part;
}

void PowerSgd::allReduce(Communicator& comm, Values gradient, Bucket bucket, CollectiveTraits traits) {
    const Sums sums = sumsOf(buckets_[bucket.index()], spec_.rank);
    count(static_cast<std::int64_t>(gradient.size()), (sums.first + sums.second) * 4);
    if (gradient.onlyCounted()) {
        ringAllReduce(comm, Values::counted(sizeOf(sums.first)), traits);
        ringAllReduce(comm, Values::counted(sizeOf(sums.second)), traits);
        return;
    }

    Part& part = partOf(bucket);
    const auto all = gradient.floats();
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += part.error[i];
    const double wanted = squaredLength(all);
    std::vector<float> first(sizeOf(sums.first)), second(sizeOf(sums.second));

    makeFirst(part, all, first);
    ringAllReduce(comm, first, traits);
    makeSecond(part, all, first, second);
    measure({wanted, squaredLength(all)});
    if (spec_.errorFeedback) std::copy(all.begin(), all.end(), part.error.begin());
    ringAllReduce(comm, second, traits);
    decode(part, first, second, all);
}

void PowerSgd::makeFirst(const Part& part, std::span<const float> all, std::span<float> first) {
    Cutter take(first);
    for (const Matrix& matrix : part.matrices) {
        const auto values = all.subspan(sizeOf(matrix.begin), sizeOf(matrix.rows * matrix.columns));
        if (matrix.rank > 0)
            project(values, matrix.q, take(matrix.sizeOfP()), matrix.rank);
        else
            std::copy(values.begin(), values.end(), take(matrix.rows * matrix.columns).begin());
    }
}

void PowerSgd::makeSecond(const Part& part, std::span<float> all, std::span<float> first,
                          std::span<float> second) {
    Cutter take(first), takeQ(second);
    for (const Matrix& matrix : part.matrices) {
        const auto values = all.subspan(sizeOf(matrix.begin), sizeOf(matrix.rows * matrix.columns));
        if (matrix.rank == 0) {
            take(matrix.rows * matrix.columns);
            std::fill(values.begin(), values.end(), 0.0f);
            continue;
        }
        const auto p = take(matrix.sizeOfP()), q = takeQ(matrix.sizeOfQ());
        orthonormalise(p, matrix.rank);
        projectBack(values, p, q, matrix.rank);
        addProduct(p, q, -1, values, matrix.rank);
    }
}

void PowerSgd::decode(Part& part, std::span<float> first, std::span<float> second, std::span<float> all) {
    std::fill(all.begin(), all.end(), 0.0f);
    Cutter take(first), takeQ(second);
    for (Matrix& matrix : part.matrices) {
        const auto values = all.subspan(sizeOf(matrix.begin), sizeOf(matrix.rows * matrix.columns));
        if (matrix.rank == 0) {
            const auto whole = take(matrix.rows * matrix.columns);
            std::copy(whole.begin(), whole.end(), values.begin());
            continue;
        }
        const auto p = take(matrix.sizeOfP()), q = takeQ(matrix.sizeOfQ());
        addProduct(p, q, 1, values, matrix.rank);
        matrix.startFrom(q);
    }
}

void PowerSgd::Matrix::startFrom(std::span<const float> sum) {
    const auto zero = [](float value) { return value == 0; };
    for (std::int64_t j = 0; j < rank; ++j) {
        const auto column = sum.subspan(sizeOf(j * columns), sizeOf(columns));
        // From zero no power iteration would ever get away.
        if (!std::all_of(column.begin(), column.end(), zero))
            std::copy(column.begin(), column.end(), q.begin() + j * columns);
    }
}

void PowerSgd::save(RankState& into) const {
    for (const auto& [bucket, part] : parts_) {
        const std::string number = std::to_string(bucket.value);
        std::vector<float> q;
        for (const Matrix& matrix : part.matrices) q.insert(q.end(), matrix.q.begin(), matrix.q.end());
        if (!q.empty()) into.floats.emplace_back(kShared + "q." + number, std::move(q));
        if (spec_.errorFeedback) into.floats.emplace_back(kOwn + "error." + number, part.error);
    }
}

void PowerSgd::restore(const RankState& from) {
    StateReader shared(from, kShared), own(from, kOwn);
    std::map<Bucket, Part> parts;
    for (std::int32_t index = 0; index < static_cast<std::int32_t>(buckets_.size()); ++index) {
        const Bucket bucket{index};
        const BucketRange& range = buckets_[bucket.index()];
        const auto q = shared.floats("q." + std::to_string(index), sumsOf(range, spec_.rank).second);
        std::optional<std::span<const float>> error;
        if (spec_.errorFeedback) error = own.floats("error." + std::to_string(index), range.elements());
        if (!q && !error) continue;
        Part part = newPart(bucket);
        if (error) part.error.assign(error->begin(), error->end());
        auto rest = q.value_or(std::span<const float>());
        for (Matrix& matrix : part.matrices) {
            if (rest.empty()) break;
            const std::size_t size = matrix.q.size();
            matrix.q.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
            rest = rest.subspan(size);
        }
        parts[bucket] = std::move(part);
    }
    shared.end("power_sgd");
    own.end("power_sgd");
    parts_ = std::move(parts);
}

Parcel PowerSgd::encode(Values, int, Tag) {
    throw std::logic_error("power_sgd has no form that one rank could send alone");
}

}  // namespace rondo
