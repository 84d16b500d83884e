#include "engine/training/replica.h"

#include <mutex>

#include "engine/core/overloaded.h"

namespace rondo {

namespace {

/// A layer's weight and bias as LibTorch starts them.
std::pair<torch::Tensor, torch::Tensor> initial(const LayerPlan& layer) {
    return std::visit(
        Overloaded{
            [](const LinearPlan& p) {
                const torch::nn::Linear linear(p.in, p.out);
                return std::pair(linear->weight.detach(), linear->bias.detach());
            },
            [](const ConvPlan& p) {
                const torch::nn::Conv2d convolution(
                    torch::nn::Conv2dOptions(p.inChannels, p.outChannels, p.kernel).padding(p.padding));
                return std::pair(convolution->weight.detach(), convolution->bias.detach());
            },
        },
        layer.kind);
}

std::mutex& generatorLock() {
    static std::mutex lock;  // LibTorch's default generator is one for the process
    return lock;
}

}  // namespace

Replica::Replica(const ModelPlan& plan, std::uint64_t seed) : plan_(plan) {
    weights_ = torch::empty({plan_.parameters()});
    gradients_ = torch::zeros({plan_.parameters()});
    const std::lock_guard lock(generatorLock());
    torch::manual_seed(seed);
    std::int64_t offset = 0;
    for (const LayerPlan& layer : plan_.layers) {
        const auto [weight, bias] = initial(layer);
        for (const torch::Tensor& start : {weight, bias}) {
            weights_.narrow(0, offset, start.numel()).copy_(start.reshape(-1));
            torch::Tensor tensor = weights_.narrow(0, offset, start.numel()).view(start.sizes()).detach();
            tensor.requires_grad_(true);
            tensor.mutable_grad() = gradients_.narrow(0, offset, start.numel()).view(start.sizes());
            parameters_.push_back({tensor, offset});
            offset += start.numel();
        }
    }
}

torch::Tensor Replica::forward(const torch::Tensor& x) const {
    torch::Tensor y = x;
    for (std::size_t i = 0; i < plan_.layers.size(); ++i) {
        const LayerPlan& layer = plan_.layers[i];
        const torch::Tensor& weight = parameters_[2 * i].tensor;
        const torch::Tensor& bias = parameters_[2 * i + 1].tensor;
        if (const auto* convolution = std::get_if<ConvPlan>(&layer.kind)) {
            y = torch::conv2d(y, weight, bias, 1, convolution->padding);
            // Pooling first gives the same values and leaves ReLU a quarter of the work.
            if (convolution->pool) y = torch::max_pool2d(y, 2);
        } else {
            if (y.dim() > 2) y = y.flatten(1);
            y = torch::linear(y, weight, bias);
        }
        if (layer.relu) y = torch::relu(y);
    }
    return y;
}

torch::Tensor Replica::lossSum(const torch::Tensor& outputs, const torch::Tensor& targets) const {
    if (plan_.loss == ModelPlan::Loss::SquaredError) {
        const torch::Tensor wanted = torch::one_hot(targets, outputs.size(1)).to(outputs.dtype());
        return (outputs - wanted).square().sum().mul(0.5);
    }
    const auto options = torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kSum);
    return torch::nn::functional::cross_entropy(outputs, targets, options);
}

}  // namespace rondo
