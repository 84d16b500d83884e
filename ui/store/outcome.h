#pragma once

#include <QByteArray>
#include <QString>
#include <optional>
#include <vector>

#include "engine/algorithms/predict.h"

namespace rondo::ui {

/// What a run's report says, as far as the window shows it.
struct Outcome {
    QString status, error;
    std::optional<double> accuracy, testLoss, trainLoss, seconds, samplesPerSecond;
    std::optional<qint64> steps, parameters, payloadBytes;
    std::optional<double> bubble;  ///< of a pipeline: share of a step in which its longest stage is idle
    /// Of a model in parts, by stage; empty of others.
    std::vector<double> peakActivations;  ///< in micro-batches
    std::vector<double> weightVersions, weightDelay;

    /// Empty when the text is no report.
    static std::optional<Outcome> of(const QByteArray& report);
};

/// Seconds theory expects of the steps a run made, which may be fewer than planned; empty without a
/// prediction.
std::optional<double> predictedSeconds(const Prediction& prediction, const Outcome& outcome);

}  // namespace rondo::ui
