#pragma once

#include <vector>

#include "engine/core/function_ref.h"
#include "engine/training/layers.h"

namespace rondo {

/// Sums a tensor over the ranks that hold slices of the same operation, in place. It is called between the
/// calls of LibTorch, never inside one: so it may wait, and fibers may switch.
using SumOverSlices = FunctionRef<void(torch::Tensor&)>;

/// One pass of one micro-batch through some layers, with a backward pass in two halves: first the gradient
/// of the input (B), which others wait for, later those of the weights (W). Each operation is a graph of its
/// own: B goes through them from the last to the first and keeps the gradient of each output, W needs nothing
/// but those; together they compute exactly what one backward pass does (Qi et al. 2023). Only what a
/// normalisation scales by falls off in B, at no cost and instead of all that W would need: W just adds it.
///
/// Weight gradients are added to what the tensors' `grad` holds. Layers that don't learn (tensors that don't
/// ask for gradients) have no W, and B ends at the first that does when nobody wants the input's gradient.
///
/// Memory: after forward() inputs and outputs of each operation, after backwardInput() what W needs, after
/// W nothing. Thread: belongs to one rank.
class SplitBackward {
  public:
    enum class Cut {
        EveryOperation,  ///< backwardInput and backwardWeight
        OnlySums,        ///< one graph from sum to sum: backwardBoth only, a little less to do
        Nothing          ///< forward only: nothing is kept
    };
    SplitBackward(Cut cut, bool wantsInputGradient) : cut_(cut), wantsInputGradient_(wantsInputGradient) {}

    /// `tensors` are those of the layers, in the plan's order; x is not changed. Gives the output, a tensor
    /// without a graph.
    torch::Tensor forward(std::span<const LayerPlan> layers, std::span<const torch::Tensor> tensors,
                          const torch::Tensor& x, SumOverSlices sum);

    /// From the gradient of the output to that of the input; an undefined tensor when nobody wants it.
    torch::Tensor backwardInput(const torch::Tensor& gradient, SumOverSlices sum);
    /// After backwardInput(), once.
    void backwardWeight();
    /// Both at once.
    torch::Tensor backwardBoth(const torch::Tensor& gradient, SumOverSlices sum);

  private:
    /// Operations in one graph.
    struct Piece {
        Flow in, out;  ///< in: leaves of the graph
        std::vector<torch::Tensor> learning;
        Flow outGradients;                           ///< kept by B for W
        std::vector<torch::Tensor> weightGradients;  ///< or these, where they fell off
        bool sumsBackward = false;
        bool wantsInput = false;
        bool weightsFallOff = false;  ///< while the gradient of the input is computed
    };
    torch::Tensor backward(const torch::Tensor& gradient, SumOverSlices sum, bool both);
    static Flow gradientsOfInput(Piece& piece, const Flow& gradients, bool both);

    Cut cut_;
    bool wantsInputGradient_;
    std::vector<Piece> pieces_;
};

}  // namespace rondo
