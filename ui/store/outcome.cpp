#include "ui/store/outcome.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace rondo::ui {

namespace {

std::optional<double> realOf(const QJsonObject& json, const char* key) {
    const QJsonValue value = json[QLatin1String(key)];
    return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
}
std::optional<qint64> wholeOf(const QJsonObject& json, const char* key) {
    const QJsonValue value = json[QLatin1String(key)];
    return value.isDouble() ? std::optional(static_cast<qint64>(value.toDouble())) : std::nullopt;
}

std::vector<double> listOf(const QJsonObject& json, const char* key) {
    std::vector<double> list;
    for (const QJsonValue& value : json[QLatin1String(key)].toArray()) list.push_back(value.toDouble());
    return list;
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
    outcome.bubble = realOf(json, "bubble_fraction");
    outcome.peakActivations = listOf(json, "peak_activations");
    outcome.weightVersions = listOf(json, "weight_versions");
    outcome.weightDelay = listOf(json, "weight_delay");
    return outcome;
}

std::optional<double> predictedSeconds(const Prediction& prediction, const Outcome& outcome) {
    if (!outcome.steps || outcome.steps == prediction.steps) return prediction.seconds;
    if (!prediction.stepSeconds || *outcome.steps <= 0) return {};
    return *prediction.stepSeconds * static_cast<double>(*outcome.steps);
}

}  // namespace rondo::ui
