#pragma once

#include <QByteArray>
#include <QString>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "ui/store/race.h"

namespace rondo::ui {

/// A racer that was really trained: what its first batches looked like, what its report says, what it
/// learned.
struct RaceRun {
    QString problem;  ///< not empty: it was not trained to its end
    RaceTrack track;  ///< the passes of the first batches, measured, from the first of them on
    std::int64_t steps = 0;
    std::optional<double> bubble, accuracy, moved;  ///< moved: length of all updates together
    std::vector<double> peaks;                      ///< activations, by stage
    std::vector<std::int64_t> versions;             ///< of the weights, by stage
    std::vector<float> weights;                     ///< empty: none were modelled or read

    /// Without weights. `spans`: of the first `batches` steps and two more, in any order.
    static RaceRun of(const RunSpec& spec, int batches, std::span<const Span> spans,
                      const QByteArray& report);
};

/// All tensors of a .safetensors file of float32, in the order of their bytes.
Result<std::vector<float>> readWeights(const QString& file);

/// How far apart two trained models are.
struct WeightsApart {
    bool bitForBit = false;
    double most = 0;    ///< of one weight
    double length = 0;  ///< of all together
};
/// None when they aren't of one model.
std::optional<WeightsApart> apart(std::span<const float> one, std::span<const float> other);

/// As it was measured, for the same views: `racer` with the passes of `run`.
Racer measured(const Racer& racer, const RaceRun& run);

}  // namespace rondo::ui
