#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo {

struct LinearPlan {
    std::int64_t in = 0, out = 0;
    bool bias = true;
};
/// A convolution over a C×H×W picture.
struct ConvPlan {
    std::int64_t inChannels = 0, outChannels = 0, kernel = 0, padding = 0, stride = 1;
    bool bias = true;
};
/// Over the last dimension.
struct LayerNormPlan {
    std::int64_t width = 0;
};
/// Over groups of channels of one picture: unlike batch normalisation it doesn't look at other samples, so a
/// batch may be cut into micro-batches.
struct GroupNormPlan {
    std::int64_t channels = 0, groups = 0;
};
/// Symbols, as the floats samples are made of, to vectors; position by position another vector is added.
struct EmbeddingPlan {
    std::int64_t symbols = 0, positions = 0, width = 0;
};
/// Adds a vector to the last dimension: the bias of a linear operation whose outputs had to be summed first.
struct BiasPlan {
    std::int64_t width = 0;
};
/// Only what comes before it.
struct PassPlan {};

/// What has no parameters. Pool: 2×2, the largest. Attention: causal; from queries, keys and values side by
/// side [B, T, 3·width] to [B, T, width]. Mean: of each channel of a picture.
enum class Fixed { Pool, Relu, Gelu, Attention, Mean, Flatten };

struct TensorPlan {
    std::string name;  ///< "fc1.weight": in a weights file
    std::vector<std::int64_t> shape;
    std::int64_t elements() const;
};

/// The smallest piece of a model. Between operations flow one or two tensors: the stream, and beside it the
/// branch that will be added to it. An operation works on the last of them.
///
/// What has parameters comes last in it (adding the branch aside, which passes gradients on as they are), so
/// the gradient of its parameters needs nothing but that of its own output.
struct OpPlan {
    std::vector<Fixed> before;  ///< in this order, ahead of `kind`
    std::variant<PassPlan, LinearPlan, ConvPlan, LayerNormPlan, GroupNormPlan, EmbeddingPlan, BiasPlan> kind;
    std::vector<TensorPlan> tensors;
    std::int64_t heads = 0;     ///< of Attention
    bool opensBranch = false;   ///< what `before` gave stays as the stream, what `kind` makes is the branch
    bool closesBranch = false;  ///< the result is added to the stream
    std::int64_t shortcutStride = 1;  ///< of closesBranch: the stream is thinned out, with empty channels for
                                      ///< those it lacks
    /// The weights are one rank's slice: the output, or the gradient of the input, is a part of a sum over
    /// all ranks that hold slices. It concerns the tensor that the operation works on.
    bool sumsForward = false, sumsBackward = false;

    // Floating-point operations for one sample; a multiplication and its addition are two.
    double forwardFlops = 0, backwardInputFlops = 0, backwardWeightFlops = 0;
    std::int64_t outputElements = 0;  ///< floats of one sample in the tensor that it makes
    std::int64_t keptElements = 0;    ///< that and what it makes on the way there: backward needs them

    std::int64_t parameters() const;
};

/// Operations that belong together. A model may be cut in front of every layer: one tensor flows there.
struct LayerPlan {
    std::string name;  ///< "conv1", "fc2", "block3"
    std::vector<OpPlan> ops;
    std::vector<std::int64_t> outputShape{};  ///< of one sample, behind it

    std::int64_t parameters() const;
    double forwardFlops() const;
    double backwardInputFlops() const;
    double backwardWeightFlops() const;
    std::int64_t outputElements() const { return ops.empty() ? 0 : ops.back().outputElements; }
    std::int64_t activationElements() const;  ///< floats of one sample that are kept for backward
};

/// A model as a list of layers: what LibTorch computes, and what costs are computed from without it.
/// Parameters lie one behind the other, layer by layer, operation by operation, weight then bias.
struct ModelPlan {
    enum class Loss { CrossEntropy, SquaredError };
    SampleShape input;
    Loss loss = Loss::CrossEntropy;  ///< squared error: half of it, against one-hot labels
    std::vector<LayerPlan> layers;

    std::int64_t parameters() const;
    double forwardFlops() const;
};

/// Throws BadInput when the model can't take such samples (pictures that are too small for its convolutions).
///   logistic  one linear layer
///   mlp       linear layers with ReLU between; [200, 200] on 28×28 is McMahan's 2NN, 199,210 parameters
///   cnn       McMahan et al. 2017: 5×5×32 same, pool, 5×5×64 same, pool, 512; 1,663,370 parameters on 28×28
///   small_cnn 3×3×32, pool, 3×3×64, pool, 64, as in many tutorials; 121,930 parameters on 28×28
///   least_squares  one linear layer with squared error
///   lenet     LeNet-5 (LeCun et al. 1998) with ReLU and max-pooling; 61,706 parameters on 28×28
///   resnet20  He et al. 2016 for small pictures, shortcuts without parameters (their option A), with group
///             instead of batch normalisation; 269,722 parameters with three colours and ten classes
///   transformer  decoder only, causal, pre-norm; a layer of the plan is a block
ModelPlan planModel(const ModelSpec& model, const SampleShape& input);
/// The same of a run; where it gives modelled weights a size, each operation's share of the parameters is
/// kept, and so is its arithmetic.
ModelPlan planModel(const RunSpec& spec, const SampleShape& input);

}  // namespace rondo
