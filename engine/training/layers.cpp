#include "engine/training/layers.h"

#include <cmath>
#include <limits>
#include <mutex>

#include "engine/core/overloaded.h"

namespace rondo {

namespace {

/// qkv: [B, T, 3·W], the queries of all heads, then the keys, then the values; gives [B, T, W]. A position
/// looks at itself and at those before it.
torch::Tensor attention(const torch::Tensor& qkv, std::int64_t heads) {
    const std::int64_t batch = qkv.size(0), length = qkv.size(1), width = qkv.size(2) / 3;
    const std::int64_t each = width / heads;
    // Taken apart at once, so that the backward pass puts it together at once.
    const auto parts = qkv.view({batch, length, 3, heads, each})
                           .permute({2, 0, 3, 1, 4})
                           .reshape({3, batch * heads, length, each})
                           .unbind(0);
    const torch::Tensor later =
        torch::full({1, length, length}, -std::numeric_limits<double>::infinity()).triu(1);
    const torch::Tensor scores = torch::baddbmm(later, parts[0], parts[1].transpose(1, 2), 1,
                                                1 / std::sqrt(static_cast<double>(each)));
    return torch::bmm(torch::softmax(scores, -1), parts[2])
        .view({batch, heads, length, each})
        .transpose(1, 2)
        .reshape({batch, length, width});
}

torch::Tensor apply(Fixed fixed, const OpPlan& op, const torch::Tensor& x) {
    switch (fixed) {
        case Fixed::Pool:
            return torch::max_pool2d(x, 2);
        case Fixed::Relu:
            return torch::relu(x);
        case Fixed::Gelu:
            return torch::gelu(x);
        case Fixed::Attention:
            return attention(x, op.heads);
        case Fixed::Mean:
            return x.mean({2, 3});
        case Fixed::Flatten:
            return x.flatten(1);
    }
    std::abort();
}

torch::Tensor apply(const OpPlan& op, std::span<const torch::Tensor> p, const torch::Tensor& x) {
    const auto bias = [&p](bool wanted) { return wanted ? p[1] : torch::Tensor(); };
    return std::visit(
        Overloaded{
            [&](const PassPlan&) { return x; },
            [&](const LinearPlan& plan) { return torch::linear(x, p[0], bias(plan.bias)); },
            [&](const ConvPlan& plan) {
                return torch::conv2d(x, p[0], bias(plan.bias), plan.stride, plan.padding);
            },
            [&](const LayerNormPlan& plan) { return torch::layer_norm(x, {plan.width}, p[0], p[1]); },
            [&](const GroupNormPlan& plan) { return torch::group_norm(x, plan.groups, p[0], p[1]); },
            [&](const EmbeddingPlan&) {
                return torch::embedding(p[0], x.to(torch::kLong)) + p[1].narrow(0, 0, x.size(1));
            },
            [&](const BiasPlan&) { return x + p[0]; },
        },
        op.kind);
}

/// The stream beside a branch that has smaller pictures and more channels: every stride-th point, and
/// nothing in the channels it lacks (He et al. 2016, option A).
torch::Tensor shortcut(const torch::Tensor& stream, std::int64_t stride, const torch::Tensor& branch) {
    if (stride == 1) return stream;
    using torch::indexing::Slice;
    const torch::Tensor thinned =
        stream.index({Slice(), Slice(), Slice(0, {}, stride), Slice(0, {}, stride)});
    const std::int64_t lacking = branch.size(1) - stream.size(1);
    return torch::constant_pad_nd(thinned, {0, 0, 0, 0, lacking / 2, lacking - lacking / 2});
}

std::mutex& generatorLock() {
    static std::mutex lock;  // LibTorch's default generator is one for the process
    return lock;
}

}  // namespace

Flow apply(const OpPlan& op, std::span<const torch::Tensor> parameters, const Flow& in) {
    torch::Tensor x = in.back();
    for (const Fixed fixed : op.before) x = apply(fixed, op, x);
    const torch::Tensor y = apply(op, parameters, x);
    if (op.opensBranch) return {x, y};
    if (op.closesBranch) return {y + shortcut(in.front(), op.shortcutStride, y)};
    if (in.size() == 2) return {in.front(), y};
    return {y};
}

std::vector<torch::Tensor> initialTensors(const OpPlan& op) {
    using Tensors = std::vector<torch::Tensor>;
    const auto withBias = [](const auto& module) {
        Tensors tensors{module->weight.detach()};
        if (module->bias.defined()) tensors.push_back(module->bias.detach());
        return tensors;
    };
    return std::visit(
        Overloaded{
            [](const PassPlan&) { return Tensors{}; },
            [&](const LinearPlan& p) {
                return withBias(torch::nn::Linear(torch::nn::LinearOptions(p.in, p.out).bias(p.bias)));
            },
            [&](const ConvPlan& p) {
                return withBias(
                    torch::nn::Conv2d(torch::nn::Conv2dOptions(p.inChannels, p.outChannels, p.kernel)
                                          .stride(p.stride)
                                          .padding(p.padding)
                                          .bias(p.bias)));
            },
            [](const LayerNormPlan& p) {
                return Tensors{torch::ones({p.width}), torch::zeros({p.width})};
            },
            [](const GroupNormPlan& p) {
                return Tensors{torch::ones({p.channels}), torch::zeros({p.channels})};
            },
            [](const EmbeddingPlan& p) {
                return Tensors{torch::randn({p.symbols, p.width}), torch::randn({p.positions, p.width})};
            },
            [](const BiasPlan& p) { return Tensors{torch::zeros({p.width})}; },
        },
        op.kind);
}

torch::Tensor initialWeights(const ModelPlan& plan, std::uint64_t seed) {
    torch::Tensor weights = torch::empty({plan.parameters()});
    const std::lock_guard lock(generatorLock());
    torch::manual_seed(seed);
    std::int64_t offset = 0;
    for (const LayerPlan& layer : plan.layers)
        for (const OpPlan& op : layer.ops)
            for (const torch::Tensor& start : initialTensors(op)) {
                weights.narrow(0, offset, start.numel()).copy_(start.reshape(-1));
                offset += start.numel();
            }
    return weights;
}

std::vector<torch::Tensor> tensorsOver(const ModelPlan& plan, const torch::Tensor& weights,
                                       const torch::Tensor& gradients) {
    std::vector<torch::Tensor> tensors;
    std::int64_t offset = 0;
    for (const LayerPlan& layer : plan.layers)
        for (const OpPlan& op : layer.ops)
            for (const TensorPlan& planned : op.tensors) {
                const auto view = [&](const torch::Tensor& flat) {
                    return flat.narrow(0, offset, planned.elements()).view(planned.shape);
                };
                torch::Tensor tensor = view(weights).detach();
                tensor.requires_grad_(true);
                tensor.mutable_grad() = view(gradients);
                tensors.push_back(std::move(tensor));
                offset += planned.elements();
            }
    return tensors;
}

}  // namespace rondo
