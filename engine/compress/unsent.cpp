#include "engine/compress/unsent.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "engine/compress/sparse.h"

namespace rondo {

namespace {

/// A codec, and what the receivers make of it.
class Encoder {
  public:
    Encoder(const GradientCodec& codec, Random& random) : codec_(codec), random_(random) {}
    /// Turns `gradient` into what of it the receivers don't get.
    SquaredLengths encode(std::span<float> gradient, std::vector<std::byte>& out) {
        codec_.encode(gradient, random_, out);
        sent_.assign(gradient.size(), 0.0f);
        codec_.add(out, sent_);
        const double wanted = squaredLength(gradient);
        for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] -= sent_[i];
        return {wanted, squaredLength(gradient)};
    }

  private:
    const GradientCodec& codec_;
    Random& random_;
    std::vector<float> sent_;
};

class Forget final : public Unsent {
  public:
    explicit Forget(Encoder encoder) : encoder_(std::move(encoder)) {}
    SquaredLengths encode(int, std::span<float> gradient, std::vector<std::byte>& out) override {
        return encoder_.encode(gradient, out);
    }

  private:
    Encoder encoder_;
};

class ErrorFeedback final : public Unsent {
  public:
    explicit ErrorFeedback(Encoder encoder) : encoder_(std::move(encoder)) {}
    SquaredLengths encode(int part, std::span<float> gradient, std::vector<std::byte>& out) override {
        std::vector<float>& error = errors_[part];
        error.resize(gradient.size());
        for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += error[i];
        const SquaredLengths lengths = encoder_.encode(gradient, out);
        std::copy(gradient.begin(), gradient.end(), error.begin());
        return lengths;
    }

  private:
    Encoder encoder_;
    std::map<int, std::vector<float>> errors_;
};

class DeepGradientCompression final : public Unsent {
  public:
    DeepGradientCompression(const DgcCompression& spec, double momentum, int workers)
        : spec_(spec),
          momentum_(static_cast<float>(momentum)),
          longest_(spec.clip / std::sqrt(static_cast<double>(workers))),
          density_(dgcDensity(spec, 0)) {}

    void enterEpoch(std::int64_t epoch) override { density_ = dgcDensity(spec_, epoch); }

    SquaredLengths encode(int part, std::span<float> gradient, std::vector<std::byte>& out) override {
        clip(gradient);
        auto& [velocity, waiting] = parts_[part];
        velocity.resize(gradient.size());
        waiting.resize(gradient.size());
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            velocity[i] = momentum_ * velocity[i] + gradient[i];
            waiting[i] += velocity[i];
        }
        const auto sent = largest(waiting, keptOf(static_cast<std::int64_t>(gradient.size()), density_));
        RunLengthCodec::encode(waiting, sent, out);
        const double wanted = squaredLength(waiting);
        for (const std::uint32_t i : sent) velocity[i] = waiting[i] = 0;
        return {wanted, squaredLength(waiting)};
    }

  private:
    void clip(std::span<float> gradient) const {
        if (longest_ <= 0) return;
        const double length = std::sqrt(squaredLength(gradient));
        if (!(length > longest_)) return;
        const auto factor = static_cast<float>(longest_ / length);
        for (float& value : gradient) value *= factor;
    }

    const DgcCompression spec_;
    const float momentum_;
    const double longest_;
    double density_;
    struct Part {
        std::vector<float> velocity, waiting;
    };
    std::map<int, Part> parts_;
};

}  // namespace

std::unique_ptr<Unsent> forget(const GradientCodec& codec, Random& random) {
    return std::make_unique<Forget>(Encoder(codec, random));
}
std::unique_ptr<Unsent> errorFeedback(const GradientCodec& codec, Random& random) {
    return std::make_unique<ErrorFeedback>(Encoder(codec, random));
}
std::unique_ptr<Unsent> deepGradientCompression(const DgcCompression& spec, double momentum, int workers) {
    return std::make_unique<DeepGradientCompression>(spec, momentum, workers);
}

double dgcDensity(const DgcCompression& spec, std::int64_t epoch) {
    static constexpr std::array kWarmup{0.25, 0.0625, 0.015625, 0.004};
    if (epoch >= spec.warmupEpochs) return spec.density;
    const auto stages = static_cast<std::int64_t>(kWarmup.size());
    return std::max(spec.density, kWarmup[static_cast<std::size_t>(epoch * stages / spec.warmupEpochs)]);
}

}  // namespace rondo
