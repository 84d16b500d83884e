#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/model_plan.h"

namespace rondo {

/// The gradient of one tensor as a matrix, by rows: of weights [out, in, …], `out` rows; a bias is one
/// column.
struct TensorRange {
    std::int64_t begin = 0;  ///< in the flat gradient
    std::int64_t rows = 0, columns = 0;
};

/// Gradients that are reduced together: the elements [begin, end) of the flat gradient.
struct BucketRange {
    std::int64_t begin = 0, end = 0;
    std::int32_t completedBy = 0;  ///< index of the layer whose backward pass makes the last of its gradients
    std::vector<TensorRange> tensors{};  ///< that it consists of
    std::int64_t elements() const { return end - begin; }
};

/// DDP's buckets (Li et al. 2020): tensors in reverse order, which is about the order in which backward makes
/// them; a bucket is closed by the tensor that brings it to its limit, `firstBytes` for the first, `bytes`
/// for the others.
std::vector<BucketRange> planBuckets(const ModelPlan& model, double firstBytes, double bytes);

std::int64_t elementsOf(std::span<const BucketRange> buckets);

/// As the settings say it: 1 MB, then `bucketMb` (1 MB = 10⁶ bytes), or everything in one without overlap.
std::vector<BucketRange> planBuckets(const ModelPlan& model, const AlgorithmSpec& algorithm);

}  // namespace rondo
