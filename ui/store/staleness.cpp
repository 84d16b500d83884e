#include "ui/store/staleness.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <numeric>

namespace rondo::ui {

namespace {
QString words(const char* text) {
    return QCoreApplication::translate("rondo", text);
}
}  // namespace

quint64 Staleness::gradients() const {
    return std::accumulate(counts.begin(), counts.end(), quint64{0});
}

Staleness Staleness::of(const RunStore& store) {
    Staleness staleness;
    staleness.counts = store.staleness();
    const QJsonObject report = QJsonDocument::fromJson(store.report()).object();
    const QJsonObject told = report[QStringLiteral("staleness")].toObject();
    if (!told.isEmpty()) {
        staleness.counts.clear();
        for (const QJsonValue& count : told[QStringLiteral("histogram")].toArray())
            staleness.counts.push_back(static_cast<quint64>(std::max(0.0, count.toDouble())));
        const QJsonValue spread = report[QStringLiteral("clock_spread_max")];
        if (spread.isDouble()) staleness.clockSpread = static_cast<qint64>(spread.toDouble());
    }
    double sum = 0;
    for (std::size_t updates = 0; updates < staleness.counts.size(); ++updates)
        sum += static_cast<double>(updates) * static_cast<double>(staleness.counts[updates]);
    if (const quint64 gradients = staleness.gradients(); gradients > 0)
        staleness.mean = sum / static_cast<double>(gradients);
    return staleness;
}

std::optional<StalenessTheory> stalenessTheory(const RunSpec& spec) {
    const auto* server = std::get_if<ParameterServerAlgorithm>(&spec.algorithm);
    if (!server) return {};
    switch (server->mode) {
        case ServerMode::Sync:
            return StalenessTheory{0, true, words("0: an update waits for its gradients")};
        case ServerMode::Async:
            return StalenessTheory{spec.workers - 1, false,
                                   words("N−1 = %1 with equal workers").arg(spec.workers - 1)};
        case ServerMode::Stale:
            return StalenessTheory{server->staleness, true, words("at most s = %1").arg(server->staleness)};
    }
    return {};
}

}  // namespace rondo::ui
