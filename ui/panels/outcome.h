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

    /// Empty when the text is no report.
    static std::optional<Outcome> of(const QByteArray& report);
};

/// "12.3 s", "4.56 ms", "3 min 20 s".
QString secondsText(double seconds);
QString percentText(double fraction);  ///< "95.3 %"
QString numberText(double value);      ///< "12,345", "0.0123"

/// "3.1 points more than you guessed", "just what you guessed"; `what` is "you guessed" or "predicted".
QString accuracyDifference(double outcome, double expected, const QString& what);
/// "18 % longer than you guessed".
QString timeDifference(double outcome, double expected, const QString& what);

/// Payload bytes theory expects of the steps a run made; empty without a prediction.
std::optional<double> predictedPayload(const Prediction& prediction, std::optional<qint64> steps);

}  // namespace rondo::ui
