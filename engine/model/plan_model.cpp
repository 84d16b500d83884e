#include <algorithm>
#include <utility>

#include "engine/core/overloaded.h"
#include "engine/core/result.h"
#include "engine/model/model_plan.h"

namespace rondo {

namespace {

// Of an element that is normalised: mean, variance, scaling; and as much again for each gradient.
constexpr double kNormFlops = 8;
constexpr std::int64_t kNormGroups = 8;

/// Appends layers and operations while it keeps track of what flows between them.
class Planner {
  public:
    explicit Planner(const SampleShape& input) : positions_(input.positions), features_(input.features()) {
        plan_.input = input;
        features_ /= positions_;
        if (input.dims.size() == 3) {
            channels_ = input.dims[0];
            height_ = input.dims[1];
            width_ = input.dims[2];
        }
    }

    void layer(std::string name) { plan_.layers.push_back({std::move(name), {}}); }

    void before(Fixed fixed) {
        pending_.before.push_back(fixed);
        if (fixed == Fixed::Flatten) return;  // another view of the same floats
        if (fixed == Fixed::Pool) picture(channels_, height_ / 2, width_ / 2);
        if (fixed == Fixed::Mean) picture(channels_, 1, 1);
        pending_.keptElements += elements();
    }

    /// A layer of its own: "fc1", "fc2" …
    void fullLayer(std::int64_t out) {
        layer("fc" + std::to_string(++linears_));
        if (height_ > 0) before(Fixed::Flatten);
        if (linears_ > 1) before(Fixed::Relu);
        height_ = width_ = 0;
        linear(plan_.layers.back().name, out);
    }

    void linear(const std::string& name, std::int64_t out) {
        pending_.kind = LinearPlan{features_, out};
        pending_.tensors = {{name + ".weight", {out, features_}}, {name + ".bias", {out}}};
        const double flops = 2.0 * static_cast<double>(positions_ * features_) * static_cast<double>(out);
        features_ = out;
        height_ = width_ = 0;
        finish(flops);
    }

    /// A layer of its own, with pooling and ReLU behind it: so less flows to the next.
    void convolutionLayer(std::int64_t out, std::int64_t kernel, std::int64_t padding) {
        layer("conv" + std::to_string(++convolutions_));
        if (height_ + 2 * padding - kernel + 1 < 2 || width_ + 2 * padding - kernel + 1 < 2)
            throw BadInput(Problem{"model.kind", "this model needs larger pictures than " +
                                                     std::to_string(plan_.input.dims[1]) + "×" +
                                                     std::to_string(plan_.input.dims[2])});
        convolution(plan_.layers.back().name, {channels_, out, kernel, padding});
        before(Fixed::Pool);
        before(Fixed::Relu);
        finish(0);
    }

    void convolution(const std::string& name, const ConvPlan& c) {
        pending_.kind = c;
        pending_.tensors = {{name + ".weight", {c.outChannels, c.inChannels, c.kernel, c.kernel}}};
        if (c.bias) pending_.tensors.push_back({name + ".bias", {c.outChannels}});
        const auto side = [&c](std::int64_t length) {
            return (length + 2 * c.padding - c.kernel) / c.stride + 1;
        };
        picture(c.outChannels, side(height_), side(width_));
        finish(2.0 * static_cast<double>(height_ * width_) *
               static_cast<double>(c.outChannels * c.inChannels * c.kernel * c.kernel));
    }

    void embedding(std::int64_t width) {
        layer("embedding");
        pending_.kind = EmbeddingPlan{plan_.input.classes, positions_, width};
        pending_.tensors = {{"embedding.symbol", {plan_.input.classes, width}},
                            {"embedding.position", {positions_, width}}};
        features_ = width;
        finish(static_cast<double>(elements()));
    }

    void layerNorm(const std::string& name) {
        pending_.kind = LayerNormPlan{features_};
        pending_.tensors = {{name + ".weight", {features_}}, {name + ".bias", {features_}}};
        finish(kNormFlops * static_cast<double>(elements()));
    }

    void groupNorm(const std::string& name) {
        pending_.kind = GroupNormPlan{channels_, kNormGroups};
        pending_.tensors = {{name + ".weight", {channels_}}, {name + ".bias", {channels_}}};
        finish(kNormFlops * static_cast<double>(elements()));
    }

    /// Pre-norm (Radford et al. 2019): each half of the block adds to the stream what it makes of the
    /// stream's norm.
    void transformerBlock(std::int64_t heads) {
        layer("block" + std::to_string(++blocks_));
        const std::string name = plan_.layers.back().name;
        const std::int64_t width = features_;
        openBranch();
        layerNorm(name + ".norm1");
        linear(name + ".qkv", 3 * width);
        attention(heads);
        finish(0);  // nothing to learn in it: B leaves nothing behind
        closeBranch();
        linear(name + ".projection", width);
        openBranch();
        layerNorm(name + ".norm2");
        linear(name + ".fc1", 4 * width);
        before(Fixed::Gelu);
        closeBranch();
        linear(name + ".fc2", width);
    }

    void symbolsHead() {
        layer("head");
        layerNorm("head.norm");
        linear("head.fc", plan_.input.classes);
    }

    void residualStem(std::int64_t channels) {
        layer("stem");
        convolution("stem.conv", {channels_, channels, 3, 1, 1, false});
        groupNorm("stem.norm");
    }

    /// The ReLU behind the sum is the first thing of the next block.
    void residualBlock(std::int64_t channels, std::int64_t stride) {
        layer("block" + std::to_string(++blocks_));
        const std::string name = plan_.layers.back().name;
        before(Fixed::Relu);
        openBranch();
        convolution(name + ".conv1", {channels_, channels, 3, 1, stride, false});
        groupNorm(name + ".norm1");
        before(Fixed::Relu);
        convolution(name + ".conv2", {channels_, channels, 3, 1, 1, false});
        closeBranch(stride);
        groupNorm(name + ".norm2");
    }

    void classesHead() {
        layer("head");
        before(Fixed::Relu);
        before(Fixed::Mean);
        linear("head.fc", plan_.input.classes);
    }

    void squaredError() { plan_.loss = ModelPlan::Loss::SquaredError; }

    ModelPlan take() { return std::move(plan_); }

  private:
    void openBranch() { pending_.opensBranch = true; }
    void closeBranch(std::int64_t shortcutStride = 1) {
        pending_.closesBranch = true;
        pending_.shortcutStride = shortcutStride;
    }
    void attention(std::int64_t heads) {
        features_ /= 3;
        pending_.heads = heads;
        before(Fixed::Attention);
        // Queries with keys, and what they find with values: [T, T] of each head.
        const double flops =
            4.0 * static_cast<double>(positions_ * positions_) * static_cast<double>(features_);
        pending_.forwardFlops += flops;
        pending_.backwardInputFlops += 2 * flops;
        pending_.keptElements += heads * positions_ * positions_;
    }
    std::int64_t elements() const { return positions_ * features_; }
    std::vector<std::int64_t> shape() const {
        if (height_ > 0) return {channels_, height_, width_};
        if (plan_.input.positions > 1) return {positions_, features_};
        return {features_};
    }
    void picture(std::int64_t channels, std::int64_t height, std::int64_t width) {
        channels_ = channels;
        height_ = height;
        width_ = width;
        features_ = channels * height * width;
    }
    /// `flops` of what has parameters; each of its gradients takes as many again.
    OpPlan& finish(double flops) {
        pending_.forwardFlops += flops;
        pending_.backwardWeightFlops = flops;
        pending_.backwardInputFlops += flops;
        // Nobody asks for the gradient of the samples themselves.
        if (plan_.layers.size() == 1 && plan_.layers[0].ops.empty()) pending_.backwardInputFlops = 0;
        pending_.outputElements = elements();
        plan_.layers.back().outputShape = shape();
        if (!std::holds_alternative<PassPlan>(pending_.kind)) pending_.keptElements += elements();
        return plan_.layers.back().ops.emplace_back(std::exchange(pending_, {}));
    }

    ModelPlan plan_;
    OpPlan pending_;
    std::int64_t positions_, features_, channels_ = 0, height_ = 0, width_ = 0;
    int linears_ = 0, convolutions_ = 0, blocks_ = 0;
};

}  // namespace

ModelPlan planModel(const ModelSpec& model, const SampleShape& input) {
    Planner planner(input);
    if (std::holds_alternative<LeastSquaresModel>(model)) planner.squaredError();
    std::visit(Overloaded{
                   [&](const LogisticModel&) { planner.fullLayer(input.classes); },
                   [&](const LeastSquaresModel&) { planner.fullLayer(input.classes); },
                   [&](const MlpModel& mlp) {
                       for (const auto width : mlp.hidden) planner.fullLayer(width);
                       planner.fullLayer(input.classes);
                   },
                   [&](const CnnModel&) {
                       planner.convolutionLayer(32, 5, 2);
                       planner.convolutionLayer(64, 5, 2);
                       planner.fullLayer(512);
                       planner.fullLayer(input.classes);
                   },
                   [&](const SmallCnnModel&) {
                       planner.convolutionLayer(32, 3, 0);
                       planner.convolutionLayer(64, 3, 0);
                       planner.fullLayer(64);
                       planner.fullLayer(input.classes);
                   },
                   [&](const LenetModel&) {
                       planner.convolutionLayer(6, 5, 2);
                       planner.convolutionLayer(16, 5, 0);
                       planner.fullLayer(120);
                       planner.fullLayer(84);
                       planner.fullLayer(input.classes);
                   },
                   [&](const TransformerModel& transformer) {
                       planner.embedding(transformer.width);
                       for (std::int64_t i = 0; i < transformer.layers; ++i)
                           planner.transformerBlock(transformer.heads);
                       planner.symbolsHead();
                   },
                   [&](const Resnet20Model&) {
                       planner.residualStem(16);
                       for (const std::int64_t channels : {16, 32, 64})
                           for (int i = 0; i < 3; ++i)
                               planner.residualBlock(channels, channels > 16 && i == 0 ? 2 : 1);
                       planner.classesHead();
                   },
               },
               model);
    return planner.take();
}

}  // namespace rondo
