#include "engine/model/model_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/overloaded.h"
#include "engine/core/result.h"

namespace rondo {

std::int64_t ModelPlan::parameters() const {
    std::int64_t sum = 0;
    for (const LayerPlan& layer : layers) sum += layer.parameters;
    return sum;
}

double ModelPlan::forwardFlops() const {
    double sum = 0;
    for (const LayerPlan& layer : layers) sum += layer.forwardFlops;
    return sum;
}

namespace {

/// Appends layers while it keeps track of what flows between them.
class Planner {
  public:
    explicit Planner(const SampleShape& input) : features_(input.features()) {
        plan_.input = input;
        if (input.dims.size() == 3) {
            channels_ = input.dims[0];
            height_ = input.dims[1];
            width_ = input.dims[2];
        }
    }

    void linear(std::int64_t out, bool relu) {
        LayerPlan& layer = add("fc" + std::to_string(++linears_), relu);
        layer.kind = LinearPlan{features_, out};
        layer.weightShape = {out, features_};
        layer.biasShape = {out};
        finish(layer, 2.0 * static_cast<double>(features_) * static_cast<double>(out));
        features_ = out;
    }

    void convolution(std::int64_t out, std::int64_t kernel, std::int64_t padding) {
        const std::int64_t h = height_ + 2 * padding - kernel + 1, w = width_ + 2 * padding - kernel + 1;
        if (h < 2 || w < 2)
            throw BadInput(Problem{"model.kind", "this model needs larger pictures than " +
                                                     std::to_string(plan_.input.dims[1]) + "×" +
                                                     std::to_string(plan_.input.dims[2])});
        LayerPlan& layer = add("conv" + std::to_string(++convolutions_), true);
        layer.kind = ConvPlan{channels_, out, kernel, padding, true};
        layer.weightShape = {out, channels_, kernel, kernel};
        layer.biasShape = {out};
        finish(layer,
               2.0 * static_cast<double>(h * w) * static_cast<double>(out * channels_ * kernel * kernel));
        channels_ = out;
        height_ = h / 2;
        width_ = w / 2;
        features_ = channels_ * height_ * width_;
    }

    void squaredError() { plan_.loss = ModelPlan::Loss::SquaredError; }

    ModelPlan take() { return std::move(plan_); }

  private:
    LayerPlan& add(std::string name, bool relu) {
        LayerPlan& layer = plan_.layers.emplace_back();
        layer.name = std::move(name);
        layer.relu = relu;
        return layer;
    }
    void finish(LayerPlan& layer, double forwardFlops) {
        layer.parameters = 1;
        for (const auto d : layer.weightShape) layer.parameters *= d;
        layer.parameters += layer.biasShape[0];
        layer.forwardFlops = layer.backwardWeightFlops = forwardFlops;
        // Nobody asks for the gradient of the samples themselves.
        layer.backwardInputFlops = plan_.layers.size() == 1 ? 0 : forwardFlops;
    }

    ModelPlan plan_;
    std::int64_t features_, channels_ = 0, height_ = 0, width_ = 0;
    int linears_ = 0, convolutions_ = 0;
};

}  // namespace

ModelPlan planModel(const ModelSpec& model, const SampleShape& input) {
    Planner planner(input);
    if (std::holds_alternative<LeastSquaresModel>(model)) planner.squaredError();
    std::visit(Overloaded{
                   [&](const LogisticModel&) { planner.linear(input.classes, false); },
                   [&](const LeastSquaresModel&) { planner.linear(input.classes, false); },
                   [&](const MlpModel& mlp) {
                       for (const auto width : mlp.hidden) planner.linear(width, true);
                       planner.linear(input.classes, false);
                   },
                   [&](const CnnModel&) {
                       planner.convolution(32, 5, 2);
                       planner.convolution(64, 5, 2);
                       planner.linear(512, true);
                       planner.linear(input.classes, false);
                   },
                   [&](const SmallCnnModel&) {
                       planner.convolution(32, 3, 0);
                       planner.convolution(64, 3, 0);
                       planner.linear(64, true);
                       planner.linear(input.classes, false);
                   },
                   [&](const LenetModel&) {
                       planner.convolution(6, 5, 2);
                       planner.convolution(16, 5, 0);
                       planner.linear(120, true);
                       planner.linear(84, true);
                       planner.linear(input.classes, false);
                   },
               },
               model);
    return planner.take();
}

ModelPlan planModel(const RunSpec& spec, const SampleShape& input) {
    ModelPlan plan = planModel(spec.model, input);
    if (!spec.weights.megabytes) return plan;
    const double all = static_cast<double>(plan.parameters());
    const double wanted = std::max(1.0, std::round(*spec.weights.megabytes * 1e6 / 4));
    std::int64_t before = 0, upTo = 0;
    double share = 0;
    for (LayerPlan& layer : plan.layers) {
        share += static_cast<double>(layer.parameters);
        upTo = std::llround(wanted * (share / all));
        const auto scale = static_cast<double>(upTo - before) / static_cast<double>(layer.parameters);
        layer.parameters = upTo - std::exchange(before, upTo);
        // A matrix as much longer as wider; what its rows leave over is the bias.
        const auto rows = std::max<std::int64_t>(
            1, std::llround(static_cast<double>(layer.weightShape[0]) * std::sqrt(scale)));
        layer.weightShape = {rows, layer.parameters / rows};
        layer.biasShape = {layer.parameters % rows};
    }
    return plan;
}

}  // namespace rondo
