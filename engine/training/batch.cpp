#include "engine/training/batch.h"

namespace rondo {

Batch batchOf(const Samples& samples, std::span<const std::int64_t> chosen) {
    const auto count = static_cast<std::int64_t>(chosen.size());
    std::vector<std::int64_t> shape{count}, labels{count};
    shape.insert(shape.end(), samples.shape.dims.begin(), samples.shape.dims.end());
    if (samples.shape.positions > 1) labels.push_back(samples.shape.positions);
    Batch batch{torch::empty(shape), torch::empty(labels, torch::kLong)};
    samples.gather(chosen, {batch.inputs.data_ptr<float>(), static_cast<std::size_t>(batch.inputs.numel())});
    samples.gatherLabels(
        chosen, {batch.targets.data_ptr<std::int64_t>(), static_cast<std::size_t>(batch.targets.numel())});
    return batch;
}

}  // namespace rondo
