#include "engine/model/bucket_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace rondo {

std::vector<BucketRange> planBuckets(const ModelPlan& model, double firstBytes, double bytes) {
    std::vector<BucketRange> buckets;
    std::int64_t position = model.parameters(), end = position;
    std::vector<TensorRange> tensors;  // of the bucket that is open
    for (auto index = static_cast<std::int32_t>(model.layers.size()) - 1; index >= 0; --index) {
        const LayerPlan& layer = model.layers[static_cast<std::size_t>(index)];
        for (auto op = layer.ops.rbegin(); op != layer.ops.rend(); ++op)
            for (auto tensor = op->tensors.rbegin(); tensor != op->tensors.rend(); ++tensor) {
                const std::int64_t elements = tensor->elements();
                if (elements == 0) continue;
                position -= elements;
                const std::int64_t rows = tensor->shape.front();
                tensors.push_back({position, rows, elements / rows});
                const double limit = buckets.empty() ? firstBytes : bytes;
                if (static_cast<double>(end - position) * 4 < limit && position > 0) continue;
                buckets.push_back({position, end, index, std::exchange(tensors, {})});
                end = position;
            }
    }
    return buckets;
}

std::int64_t elementsOf(std::span<const BucketRange> buckets) {
    std::int64_t sum = 0;
    for (const BucketRange& bucket : buckets) sum += bucket.elements();
    return sum;
}

std::vector<BucketRange> planBuckets(const ModelPlan& model, const AlgorithmSpec& algorithm) {
    const auto* allReduce = std::get_if<AllReduceAlgorithm>(&algorithm);
    if (!allReduce || !allReduce->overlap) {
        const double all = std::numeric_limits<double>::infinity();
        return planBuckets(model, all, all);
    }
    const double bytes = allReduce->bucketMb * 1e6;
    return planBuckets(model, std::min(1e6, bytes), bytes);
}

}  // namespace rondo
