#include "engine/training/evaluator.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/training/batch.h"
#include "engine/training/loss.h"

namespace rondo {

namespace {
constexpr std::int64_t kAtOnce = 500;
constexpr int kBoundarySide = 96;
constexpr float kBoundaryExtent = 1.25f;
constexpr std::size_t kPreviewPoints = 1000, kPreviewPictures = 60;
}  // namespace

Scores evaluate(const Replica& replica, const Samples& samples) {
    const torch::NoGradGuard noGrad;
    double right = 0, loss = 0;
    for (std::int64_t begin = 0; begin < samples.size(); begin += kAtOnce) {
        const std::int64_t count = std::min(kAtOnce, samples.size() - begin);
        std::vector<std::int64_t> chosen(static_cast<std::size_t>(count));
        std::iota(chosen.begin(), chosen.end(), begin);
        const auto [x, y] = batchOf(samples, chosen);
        const torch::Tensor logits = replica.forward(x);
        right += rightAnswers(logits, y);
        loss += replica.lossSum(logits, y).item<double>();
    }
    const double n = static_cast<double>(samples.size());
    return {right / n, loss / n};
}

std::optional<DecisionBoundary> decisionBoundary(const Replica& replica) {
    const SampleShape& input = replica.plan().input;
    if (input.dims != std::vector<std::int64_t>{2} || input.positions > 1) return std::nullopt;
    const torch::NoGradGuard noGrad;
    DecisionBoundary boundary;
    boundary.side = kBoundarySide;
    boundary.extent = kBoundaryExtent;
    const torch::Tensor grid = torch::empty({kBoundarySide * kBoundarySide, 2});
    auto* point = grid.data_ptr<float>();
    for (int row = 0; row < kBoundarySide; ++row)
        for (int column = 0; column < kBoundarySide; ++column) {
            const auto at = [](int cell) {
                return ((static_cast<float>(cell) + 0.5f) / kBoundarySide * 2 - 1) * kBoundaryExtent;
            };
            *point++ = at(column);
            *point++ = -at(row);
        }
    const auto [sure, winner] = torch::softmax(replica.forward(grid), 1).max(1);
    const auto* p = sure.data_ptr<float>();
    const auto* c = winner.data_ptr<std::int64_t>();
    const float chance = 1.0f / static_cast<float>(replica.plan().input.classes);
    for (std::int64_t i = 0; i < sure.numel(); ++i) {
        const float above = std::isfinite(p[i]) ? (p[i] - chance) / (1 - chance) : 0;
        const int level = std::clamp(static_cast<int>(above * 15 + 0.5f), 0, 15);
        boundary.cells.push_back(static_cast<std::uint8_t>(c[i] << 4 | level));
    }
    return boundary;
}

std::optional<DataPreview> previewOf(const Samples& samples) {
    DataPreview preview;
    const auto& dims = samples.shape.dims;
    if (!samples.values.empty() && dims.size() == 1 && dims[0] == 2) {
        const std::size_t count = std::min(kPreviewPoints, samples.labels.size());
        preview.points.assign(samples.values.begin(),
                              samples.values.begin() + static_cast<std::ptrdiff_t>(2 * count));
        preview.labels.assign(samples.labels.begin(),
                              samples.labels.begin() + static_cast<std::ptrdiff_t>(count));
        return preview;
    }
    if (samples.pixels.empty() || dims.size() != 3 || dims[0] != 1 || dims[1] > 64 || dims[2] > 64)
        return std::nullopt;
    const std::size_t count = std::min(kPreviewPictures, samples.labels.size());
    preview.height = static_cast<std::int32_t>(dims[1]);
    preview.width = static_cast<std::int32_t>(dims[2]);
    const auto bytes = static_cast<std::ptrdiff_t>(count) * dims[1] * dims[2];
    preview.pixels.assign(samples.pixels.begin(), samples.pixels.begin() + bytes);
    preview.labels.assign(samples.labels.begin(),
                          samples.labels.begin() + static_cast<std::ptrdiff_t>(count));
    return preview;
}

}  // namespace rondo
