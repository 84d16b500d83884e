#include "ui/panels/outcome.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <cmath>

#include "ui/draw/axis.h"

namespace rondo::ui {

namespace {

QString words(const char* text) {
    return QCoreApplication::translate("rondo", text);
}

std::optional<double> realOf(const QJsonObject& json, const char* key) {
    const QJsonValue value = json[QLatin1String(key)];
    return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
}
std::optional<qint64> wholeOf(const QJsonObject& json, const char* key) {
    const QJsonValue value = json[QLatin1String(key)];
    return value.isDouble() ? std::optional(static_cast<qint64>(value.toDouble())) : std::nullopt;
}

}  // namespace

std::optional<Outcome> Outcome::of(const QByteArray& report) {
    const QJsonDocument document = QJsonDocument::fromJson(report);
    if (!document.isObject()) return {};
    const QJsonObject json = document.object();
    Outcome outcome;
    outcome.status = json[QStringLiteral("status")].toString();
    outcome.error = json[QStringLiteral("error")].toString();
    outcome.accuracy = realOf(json, "test_accuracy");
    outcome.testLoss = realOf(json, "test_loss");
    outcome.trainLoss = realOf(json, "train_loss");
    outcome.seconds = realOf(json, "seconds");
    outcome.samplesPerSecond = realOf(json, "samples_per_second");
    outcome.steps = wholeOf(json, "steps");
    outcome.parameters = wholeOf(json, "parameters");
    outcome.payloadBytes = wholeOf(json[QStringLiteral("traffic")].toObject(), "payload_bytes");
    return outcome;
}

QString secondsText(double seconds) {
    if (!std::isfinite(seconds)) return QStringLiteral("–");
    const double size = std::abs(seconds);
    if (size >= 120) {
        const auto whole = static_cast<qint64>(std::llround(seconds));
        return words("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    }
    if (size >= 1 || size == 0) return QString::number(seconds, 'g', 3) + QStringLiteral(" s");
    if (size >= 1e-3) return QString::number(seconds * 1e3, 'g', 3) + QStringLiteral(" ms");
    return QString::number(seconds * 1e6, 'g', 3) + QStringLiteral(" µs");
}

QString percentText(double fraction) {
    return QString::number(fraction * 100, 'f', 1) + QStringLiteral(" %");
}

QString numberText(double value) {
    if (!std::isfinite(value)) return std::isnan(value) ? words("not a number") : words("infinite");
    if (std::abs(value) >= 1000) return countText(std::llround(value));
    return QString::number(value, 'g', 3);
}

QString accuracyDifference(double outcome, double expected, const QString& what) {
    // Of the figures as they stand beside it, so that the sentence adds up.
    const double points = (std::round(outcome * 1000) - std::round(expected * 1000)) / 10;
    if (std::abs(points) < 0.05) return words("Accuracy: just what %1.").arg(what);
    return (points > 0 ? words("Accuracy: %1 points more than %2.")
                       : words("Accuracy: %1 points less than %2."))
        .arg(QString::number(std::abs(points), 'f', 1), what);
}

QString timeDifference(double outcome, double expected, const QString& what) {
    if (expected <= 0) return {};
    const double ratio = outcome / expected;
    if (std::abs(ratio - 1) < 0.005) return words("Time: just what %1.").arg(what);
    if (ratio >= 3) return words("Time: %1 times as long as %2.").arg(QString::number(ratio, 'g', 2), what);
    if (ratio <= 1.0 / 3)
        return words("Time: %1 times shorter than %2.").arg(QString::number(1 / ratio, 'g', 2), what);
    const QString percent = QString::number(std::abs(ratio - 1) * 100, 'g', 2);
    return (ratio > 1 ? words("Time: %1 % longer than %2.") : words("Time: %1 % shorter than %2."))
        .arg(percent, what);
}

std::optional<double> predictedPayload(const Prediction& prediction, std::optional<qint64> steps) {
    const qint64 perStep = prediction.payloadPerStep();
    if (perStep <= 0 || !steps) return {};
    return static_cast<double>(perStep) * static_cast<double>(*steps);
}

}  // namespace rondo::ui
