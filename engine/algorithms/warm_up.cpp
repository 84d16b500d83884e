#include "engine/algorithms/warm_up.h"

#include <algorithm>
#include <cmath>

#include "engine/compress/unsent.h"

namespace rondo {

namespace {

/// Steps one after the other that keep the same share of the gradient.
struct Stretch {
    double density = 0;
    std::int64_t steps = 0;
};

std::vector<Stretch> warmUpOf(const DgcCompression& dgc, std::int64_t perEpoch, std::int64_t steps) {
    std::vector<Stretch> stretches;
    for (std::int64_t epoch = 0; epoch < dgc.warmupEpochs && steps > 0; ++epoch) {
        const double density = dgcDensity(dgc, epoch);
        if (stretches.empty() || stretches.back().density != density) stretches.push_back({density, 0});
        stretches.back().steps += std::min(perEpoch, steps);
        steps -= std::min(perEpoch, steps);
    }
    return stretches;
}

}  // namespace

Prediction withWarmUp(Prediction prediction, const RunSpec& spec, std::int64_t trainSamples,
                      const SampleShape& shape) {
    const auto* dgc = std::get_if<DgcCompression>(&spec.compression);
    if (!dgc || dgc->warmupEpochs == 0 || !prediction.steps || *prediction.steps == 0) return prediction;
    const auto steps = static_cast<double>(*prediction.steps);
    const auto ofSteps = [&](double density, std::int64_t count) {
        RunSpec alike = spec;
        alike.compression = DgcCompression{.density = density, .clip = dgc->clip};
        alike.stop = {.steps = count};
        return predict(alike, trainSamples, shape);
    };

    std::vector<double> sent(prediction.sentPerStep.begin(), prediction.sentPerStep.end());
    double encoded = 1 / *prediction.compressionRatio, longer = 0;
    const std::int64_t global = spec.workers * spec.batch;
    for (const Stretch& stretch : warmUpOf(*dgc, (trainSamples + global - 1) / global, *prediction.steps)) {
        const Prediction warm = ofSteps(stretch.density, stretch.steps),
                         cold = ofSteps(dgc->density, stretch.steps);
        const double share = static_cast<double>(stretch.steps) / steps;
        for (std::size_t rank = 0; rank < sent.size(); ++rank)
            sent[rank] += share * static_cast<double>(warm.sentPerStep[rank] - cold.sentPerStep[rank]);
        encoded += share * (1 / *warm.compressionRatio - 1 / *cold.compressionRatio);
        if (prediction.seconds) longer += *warm.seconds - *cold.seconds;
    }
    for (std::size_t rank = 0; rank < sent.size(); ++rank)
        prediction.sentPerStep[rank] = std::llround(sent[rank]);
    prediction.compressionRatio = 1 / encoded;
    if (!prediction.seconds) return prediction;
    if (prediction.samplesPerSecond)
        *prediction.samplesPerSecond *= *prediction.seconds / (*prediction.seconds + longer);
    *prediction.seconds += longer;
    return prediction;
}

}  // namespace rondo
