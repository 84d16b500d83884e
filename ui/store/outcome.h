#pragma once

#include <QByteArray>
#include <QString>
#include <optional>

namespace rondo::ui {

/// What a run's report says, as far as the window shows it.
struct Outcome {
    QString status, error;
    std::optional<double> accuracy, testLoss, trainLoss, seconds, samplesPerSecond;
    std::optional<qint64> steps, parameters, payloadBytes;

    /// Empty when the text is no report.
    static std::optional<Outcome> of(const QByteArray& report);
};

}  // namespace rondo::ui
