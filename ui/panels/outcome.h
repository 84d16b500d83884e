#pragma once

#include <QString>
#include <optional>

#include "engine/algorithms/predict.h"
#include "ui/store/outcome.h"

namespace rondo::ui {

QString percentText(double fraction);  ///< "95.3 %"; "–" when it is not finite
QString lossText(double loss);         ///< "0.172"; in words when it is not finite

/// "3.1 points more than you guessed", "just what you guessed"; `what` is "you guessed" or "predicted".
QString accuracyDifference(double outcome, double expected, const QString& what);
/// "18 % longer than you guessed"; empty when there is nothing to compare.
QString timeDifference(double outcome, double expected, const QString& what);

/// "4, 3, 2, 1", of many stages "8, 7, 6 … 1".
QString byStageText(const std::vector<double>& values);
/// "Theory: (p − 1) / (m + p − 1) = 27.3 %" with its letters; empty where nothing is published.
QString bubbleTheoryText(const RunSpec& spec);

/// The formula theory has for a step's exchange, with its words explained; empty where nothing is exchanged.
QString formulaOf(const RunSpec& spec);

/// Payload bytes theory expects of the steps a run made; empty without a prediction.
std::optional<double> predictedPayload(const Prediction& prediction, std::optional<qint64> steps);

}  // namespace rondo::ui
