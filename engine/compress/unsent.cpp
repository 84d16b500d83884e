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

using Parts = std::map<int, std::vector<float>>;

void saveParts(const Parts& parts, const std::string& name, RankState& into) {
    for (const auto& [part, values] : parts)
        if (!values.empty()) into.floats.emplace_back(name + std::to_string(part), values);
}

Parts partsFrom(StateReader& reader, const std::string& name, std::span<const std::int64_t> sizes) {
    Parts parts;
    for (std::size_t part = 0; part < sizes.size(); ++part)
        if (const auto values = reader.floats(name + std::to_string(part), sizes[part]))
            parts[static_cast<int>(part)].assign(values->begin(), values->end());
    return parts;
}

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
    void save(RankState& into, const std::string& prefix) const override {
        saveParts(errors_, prefix + "error.", into);
    }
    void restore(StateReader& from, std::span<const std::int64_t> partSizes) override {
        Parts errors = partsFrom(from, "error.", partSizes);
        from.end("error feedback");
        errors_ = std::move(errors);
    }

  private:
    Encoder encoder_;
    Parts errors_;
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
        std::vector<float>&velocity = velocities_[part], &waiting = waiting_[part];
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
    void save(RankState& into, const std::string& prefix) const override {
        saveParts(velocities_, prefix + "velocity.", into);
        saveParts(waiting_, prefix + "waiting.", into);
    }
    void restore(StateReader& from, std::span<const std::int64_t> partSizes) override {
        Parts velocities = partsFrom(from, "velocity.", partSizes);
        Parts waiting = partsFrom(from, "waiting.", partSizes);
        from.end("dgc");
        velocities_ = std::move(velocities);
        waiting_ = std::move(waiting);
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
    Parts velocities_, waiting_;
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
