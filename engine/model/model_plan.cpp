#include "engine/model/model_plan.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace rondo {

namespace {
template <class T, class Item>
T sum(const std::vector<Item>& items, auto&& value) {
    return std::accumulate(items.begin(), items.end(), T{},
                           [&](T all, const Item& item) { return all + std::invoke(value, item); });
}
}  // namespace

std::int64_t TensorPlan::elements() const {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::int64_t OpPlan::parameters() const {
    return sum<std::int64_t>(tensors, &TensorPlan::elements);
}

std::int64_t LayerPlan::parameters() const {
    return sum<std::int64_t>(ops, &OpPlan::parameters);
}
double LayerPlan::forwardFlops() const {
    return sum<double>(ops, &OpPlan::forwardFlops);
}
double LayerPlan::backwardInputFlops() const {
    return sum<double>(ops, &OpPlan::backwardInputFlops);
}
double LayerPlan::backwardWeightFlops() const {
    return sum<double>(ops, &OpPlan::backwardWeightFlops);
}
std::int64_t LayerPlan::activationElements() const {
    return sum<std::int64_t>(ops, &OpPlan::keptElements);
}

std::int64_t ModelPlan::parameters() const {
    return sum<std::int64_t>(layers, &LayerPlan::parameters);
}
double ModelPlan::forwardFlops() const {
    return sum<double>(layers, &LayerPlan::forwardFlops);
}

namespace {

/// Gives an operation that many parameters: a matrix as much longer as wider, and what its rows leave over.
void resize(OpPlan& op, std::int64_t parameters) {
    const auto scale = static_cast<double>(parameters) / static_cast<double>(op.parameters());
    TensorPlan& matrix = op.tensors.front();
    const auto rows =
        std::max<std::int64_t>(1, std::llround(static_cast<double>(matrix.shape.front()) * std::sqrt(scale)));
    if (op.tensors.size() == 1) op.tensors.push_back({matrix.name + ".rest", {}});
    op.tensors.front().shape = {rows, parameters / rows};
    op.tensors.back().shape = {parameters % rows};
}

}  // namespace

ModelPlan planModel(const RunSpec& spec, const SampleShape& input) {
    ModelPlan plan = planModel(spec.model, input);
    if (!spec.weights.megabytes) return plan;
    const double all = static_cast<double>(plan.parameters());
    const double wanted = std::max(1.0, std::round(*spec.weights.megabytes * 1e6 / 4));
    std::int64_t before = 0;
    double share = 0;
    for (LayerPlan& layer : plan.layers)
        for (OpPlan& op : layer.ops) {
            if (op.tensors.empty()) continue;
            share += static_cast<double>(op.parameters());
            const std::int64_t upTo = std::llround(wanted * (share / all));
            resize(op, upTo - std::exchange(before, upTo));
        }
    return plan;
}

}  // namespace rondo
