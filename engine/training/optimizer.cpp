#include "engine/training/optimizer.h"

#include <cmath>

#include "engine/core/overloaded.h"
#include "engine/core/result.h"

namespace rondo {

namespace {

void save(const torch::Tensor& tensor, std::string name, RankState& into) {
    if (!tensor.defined()) return;
    const float* values = tensor.data_ptr<float>();
    into.floats.emplace_back(std::move(name), std::vector<float>(values, values + tensor.numel()));
}

/// Undefined where nothing was saved.
torch::Tensor tensorOf(std::optional<std::span<const float>> values) {
    if (!values) return {};
    torch::Tensor tensor = torch::empty({static_cast<std::int64_t>(values->size())});
    std::copy(values->begin(), values->end(), tensor.data_ptr<float>());
    return tensor;
}

/// v ← μv + g, w ← w − ηv (Sutskever et al. 2013 as LibTorch has it: no dampening, no Nesterov).
class Sgd final : public Optimizer {
  public:
    explicit Sgd(const SgdOptimizer& spec) : spec_(spec) {}
    void update(torch::Tensor& weights, const torch::Tensor& gradients) override {
        const torch::NoGradGuard noGrad;
        torch::Tensor step = gradients;
        if (spec_.weightDecay > 0) step = step.add(weights, spec_.weightDecay);
        if (spec_.momentum > 0) {
            if (!velocity_.defined())
                velocity_ = step.clone();
            else
                velocity_.mul_(spec_.momentum).add_(step);
            step = velocity_;
        }
        weights.sub_(step, spec_.learningRate);
    }
    void save(RankState& into, const std::string& name) const override {
        rondo::save(velocity_, name + ".velocity", into);
    }
    void restore(const RankState& from, std::int64_t parameters, const std::string& name) override {
        StateReader reader(from, name + ".");
        const auto velocity = reader.floats("velocity", parameters);
        reader.end("sgd");
        velocity_ = tensorOf(velocity);
    }

  private:
    SgdOptimizer spec_;
    torch::Tensor velocity_;
};

/// Kingma, Ba 2015, with bias correction.
class Adam final : public Optimizer {
  public:
    explicit Adam(const AdamOptimizer& spec) : spec_(spec) {}
    void update(torch::Tensor& weights, const torch::Tensor& gradients) override {
        const torch::NoGradGuard noGrad;
        if (!mean_.defined()) {
            mean_ = torch::zeros_like(weights);
            square_ = torch::zeros_like(weights);
        }
        ++updates_;
        mean_.mul_(spec_.beta1).add_(gradients, 1 - spec_.beta1);
        square_.mul_(spec_.beta2).addcmul_(gradients, gradients, 1 - spec_.beta2);
        const double n = static_cast<double>(updates_);
        const double meanCorrection = 1 - std::pow(spec_.beta1, n),
                     squareCorrection = 1 - std::pow(spec_.beta2, n);
        const torch::Tensor denominator =
            square_.sqrt().div_(std::sqrt(squareCorrection)).add_(spec_.epsilon);
        weights.addcdiv_(mean_, denominator, -spec_.learningRate / meanCorrection);
    }
    void save(RankState& into, const std::string& name) const override {
        if (updates_ == 0) return;
        rondo::save(mean_, name + ".mean", into);
        rondo::save(square_, name + ".square", into);
        into.counts.emplace_back(name + ".updates", updates_);
    }
    void restore(const RankState& from, std::int64_t parameters, const std::string& name) override {
        StateReader reader(from, name + ".");
        const auto mean = reader.floats("mean", parameters), square = reader.floats("square", parameters);
        const auto updates = reader.count("updates", 1);
        reader.end("adam");
        if (mean.has_value() != square.has_value() || mean.has_value() != updates.has_value())
            throw BadInput(Problem{name, "expected mean, square and updates together"});
        mean_ = tensorOf(mean);
        square_ = tensorOf(square);
        updates_ = updates.value_or(0);
    }

  private:
    AdamOptimizer spec_;
    torch::Tensor mean_, square_;
    std::int64_t updates_ = 0;
};

/// Nesterov 1983: the gradient is taken at y, from which x is one step of descent; y then goes beyond x by a
/// share of how far x has come, a share that grows with the steps: (k−1)/(k+2) after step k. The weights are
/// y.
class Accelerated final : public Optimizer {
  public:
    explicit Accelerated(const AcceleratedOptimizer& spec) : spec_(spec) {}
    void update(torch::Tensor& weights, const torch::Tensor& gradients) override {
        const torch::NoGradGuard noGrad;
        const torch::Tensor x = weights.sub(gradients, spec_.learningRate);
        ++updates_;
        const double k = static_cast<double>(updates_);
        weights.copy_(x);
        if (before_.defined()) weights.add_(x - before_, (k - 1) / (k + 2));
        before_ = x;
    }
    void save(RankState& into, const std::string& name) const override {
        if (updates_ == 0) return;
        rondo::save(before_, name + ".before", into);
        into.counts.emplace_back(name + ".updates", updates_);
    }
    void restore(const RankState& from, std::int64_t parameters, const std::string& name) override {
        StateReader reader(from, name + ".");
        const auto before = reader.floats("before", parameters);
        const auto updates = reader.count("updates", 1);
        reader.end("accelerated");
        if (before.has_value() != updates.has_value())
            throw BadInput(Problem{name, "expected before and updates together"});
        before_ = tensorOf(before);
        updates_ = updates.value_or(0);
    }

  private:
    AcceleratedOptimizer spec_;
    torch::Tensor before_;
    std::int64_t updates_ = 0;
};

}  // namespace

std::unique_ptr<Optimizer> makeOptimizer(const OptimizerSpec& spec) {
    return std::visit(
        Overloaded{
            [](const SgdOptimizer& s) -> std::unique_ptr<Optimizer> { return std::make_unique<Sgd>(s); },
            [](const AdamOptimizer& s) -> std::unique_ptr<Optimizer> { return std::make_unique<Adam>(s); },
            [](const AcceleratedOptimizer& s) -> std::unique_ptr<Optimizer> {
                return std::make_unique<Accelerated>(s);
            },
        },
        spec);
}

}  // namespace rondo
