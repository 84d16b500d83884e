#include "engine/training/loss.h"

#include "engine/data/dataset.h"

namespace rondo {

namespace {
/// The mean over each sample's counted positions of values [B, T], summed over the samples.
torch::Tensor sumOfMeans(const torch::Tensor& values, const torch::Tensor& counted) {
    return (values.sum(1) / counted.sum(1).clamp_min(1)).sum();
}
}  // namespace

torch::Tensor lossSum(ModelPlan::Loss loss, const torch::Tensor& outputs, const torch::Tensor& targets) {
    if (loss == ModelPlan::Loss::SquaredError) {
        const torch::Tensor wanted = torch::one_hot(targets, outputs.size(1)).to(outputs.dtype());
        return (outputs - wanted).square().sum().mul(0.5);
    }
    namespace functional = torch::nn::functional;
    if (targets.dim() == 1)
        return functional::cross_entropy(outputs, targets,
                                         functional::CrossEntropyFuncOptions().reduction(torch::kSum));
    const auto options =
        functional::CrossEntropyFuncOptions().reduction(torch::kNone).ignore_index(kNotCounted);
    const torch::Tensor each =
        functional::cross_entropy(outputs.flatten(0, 1), targets.flatten(), options).view(targets.sizes());
    return sumOfMeans(each, targets.ne(kNotCounted));
}

double rightAnswers(const torch::Tensor& outputs, const torch::Tensor& targets) {
    const torch::Tensor right = outputs.argmax(-1).eq(targets);
    if (targets.dim() == 1) return static_cast<double>(right.sum().item<std::int64_t>());
    const torch::Tensor counted = targets.ne(kNotCounted);
    return sumOfMeans(right.logical_and(counted).to(torch::kFloat64), counted).item<double>();
}

}  // namespace rondo
