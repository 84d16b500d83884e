#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo {

struct LinearPlan {
    std::int64_t in = 0, out = 0;
};
/// A convolution, stride 1, over a C×H×W picture; with `pool`, 2×2 max-pooling after the activation.
struct ConvPlan {
    std::int64_t inChannels = 0, outChannels = 0, kernel = 0, padding = 0;
    bool pool = false;
};

/// One layer with parameters, and what comes with it (activation, pooling).
struct LayerPlan {
    std::string name;  ///< "conv1", "fc2": of its tensors in a weights file
    std::variant<LinearPlan, ConvPlan> kind;
    bool relu = true;
    std::vector<std::int64_t> weightShape, biasShape;
    std::int64_t parameters = 0;
    // Floating-point operations for one sample; a multiplication and its addition are two.
    double forwardFlops = 0, backwardInputFlops = 0, backwardWeightFlops = 0;
};

/// A model as a list of layers: what LibTorch builds its module from, and what costs are computed from
/// without it. Parameters lie one behind the other, layer by layer, weight then bias.
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
ModelPlan planModel(const ModelSpec& model, const SampleShape& input);
/// The same of a run; where it gives modelled weights a size, each layer's share of the parameters is kept,
/// and so is its arithmetic.
ModelPlan planModel(const RunSpec& spec, const SampleShape& input);

}  // namespace rondo
