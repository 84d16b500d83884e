#include "engine/training/split_backward.h"

#include <algorithm>
#include <ranges>

#include "engine/comm/virtual_time/fiber.h"

namespace rondo {

namespace {

/// Adds to a gradient that may not be there yet.
void add(torch::Tensor& sum, const torch::Tensor& more) {
    if (more.defined()) sum = sum.defined() ? sum + more : more;
}

/// Both gradients of a normalisation come from the same sums over its input.
bool isNormalisation(const OpPlan& op) {
    return std::holds_alternative<LayerNormPlan>(op.kind) || std::holds_alternative<GroupNormPlan>(op.kind);
}

/// Who sums takes the memory as it lies.
void sumOver(torch::Tensor& tensor, SumOverSlices sum) {
    tensor = tensor.contiguous();
    sum(tensor);
}

}  // namespace

torch::Tensor SplitBackward::forward(std::span<const LayerPlan> layers,
                                     std::span<const torch::Tensor> tensors, const torch::Tensor& x,
                                     SumOverSlices sum) {
    pieces_.clear();
    Flow flow{x};
    bool wanted = wantsInputGradient_;  // the gradient of what flows
    bool open = false;                  // the last piece may take another operation
    for (const LayerPlan& layer : layers)
        for (const OpPlan& op : layer.ops) {
            const auto own = tensors.first(op.tensors.size());
            tensors = tensors.subspan(op.tensors.size());
            const auto learns = [](const torch::Tensor& tensor) { return tensor.requires_grad(); };
            const bool learning = cut_ != Cut::Nothing && std::ranges::any_of(own, learns);
            {
                const NoSwitchSection section;
                if (!wanted && !learning) {  // nothing behind here asks for a gradient
                    const torch::NoGradGuard noGrad;
                    flow = apply(op, own, flow);
                } else {
                    if (!open || op.sumsBackward) {
                        Piece& piece = pieces_.emplace_back();
                        for (torch::Tensor& tensor : flow) tensor = tensor.detach().requires_grad_(wanted);
                        piece.in = flow;
                        piece.wantsInput = wanted;
                        piece.sumsBackward = op.sumsBackward;
                        piece.weightsFallOff =
                            cut_ == Cut::EveryOperation && wanted && learning && isNormalisation(op);
                    }
                    Piece& piece = pieces_.back();
                    std::ranges::copy_if(own, std::back_inserter(piece.learning), learns);
                    piece.out = flow = apply(op, own, flow);
                    wanted = true;
                    open = cut_ == Cut::OnlySums && !op.sumsForward;
                }
            }
            if (!op.sumsForward) continue;
            flow.back() = flow.back().detach();
            sumOver(flow.back(), sum);
        }
    return flow.front().detach().contiguous();
}

Flow SplitBackward::gradientsOfInput(Piece& piece, const Flow& gradients, bool both) {
    const NoSwitchSection section;
    torch::autograd::variable_list roots, rootGradients;
    Flow found(piece.in.size());
    for (std::size_t i = 0; i < piece.out.size(); ++i) {
        const auto same = [&](const torch::Tensor& in) { return in.is_same(piece.out[i]); };
        const auto through = std::ranges::find_if(piece.in, same);
        if (through != piece.in.end()) {  // the stream, as it came
            add(found[static_cast<std::size_t>(through - piece.in.begin())], gradients[i]);
        } else if (piece.out[i].requires_grad()) {
            roots.push_back(piece.out[i]);
            rootGradients.push_back(gradients[i]);
        }
    }
    if (both) {
        torch::autograd::backward(roots, rootGradients);
        for (std::size_t i = 0; piece.wantsInput && i < found.size(); ++i) {
            add(found[i], piece.in[i].grad());
            piece.in[i].mutable_grad().reset();
        }
    } else if (piece.wantsInput) {
        torch::autograd::variable_list asked = piece.in;
        if (piece.weightsFallOff) asked.insert(asked.end(), piece.learning.begin(), piece.learning.end());
        const bool neededAgain = !piece.learning.empty() && !piece.weightsFallOff;
        const auto computed =
            torch::autograd::grad(roots, asked, rootGradients, neededAgain, false, /*allow_unused=*/true);
        for (std::size_t i = 0; i < found.size(); ++i) add(found[i], computed[i]);
        piece.weightGradients.assign(computed.begin() + static_cast<std::ptrdiff_t>(found.size()),
                                     computed.end());
        if (!neededAgain) piece.in = piece.out = {};
    }
    return found;
}

torch::Tensor SplitBackward::backward(const torch::Tensor& gradient, SumOverSlices sum, bool both) {
    Flow gradients{gradient};
    for (Piece& piece : std::views::reverse(pieces_)) {
        Flow next = gradientsOfInput(piece, gradients, both);
        if (!both && !piece.learning.empty() && !piece.weightsFallOff)
            piece.outGradients = std::move(gradients);
        gradients = std::move(next);
        if (piece.sumsBackward && piece.wantsInput) sumOver(gradients.back(), sum);
    }
    if (both) pieces_.clear();
    if (!wantsInputGradient_) return {};
    return gradients.front().contiguous();
}

torch::Tensor SplitBackward::backwardInput(const torch::Tensor& gradient, SumOverSlices sum) {
    return backward(gradient, sum, false);
}

torch::Tensor SplitBackward::backwardBoth(const torch::Tensor& gradient, SumOverSlices sum) {
    return backward(gradient, sum, true);
}

void SplitBackward::backwardWeight() {
    const NoSwitchSection section;
    for (Piece& piece : std::views::reverse(pieces_)) {
        if (piece.weightsFallOff) {
            const torch::NoGradGuard noGrad;
            for (std::size_t i = 0; i < piece.learning.size(); ++i)
                piece.learning[i].mutable_grad().add_(piece.weightGradients[i]);
            continue;
        }
        if (piece.learning.empty()) continue;
        torch::autograd::variable_list roots, gradients;
        for (std::size_t i = 0; i < piece.out.size(); ++i)
            if (!piece.out[i].is_leaf()) {
                roots.push_back(piece.out[i]);
                gradients.push_back(piece.outGradients[i]);
            }
        torch::autograd::backward(roots, gradients, false, false, piece.learning);
    }
    pieces_.clear();
}

}  // namespace rondo
