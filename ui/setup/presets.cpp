#include "ui/setup/presets.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>

namespace rondo::ui {

std::vector<Preset> findPresets(const QString& folder) {
    std::vector<Preset> presets;
    const QDir dir(folder);
    QSet<QString> seen{QStringLiteral("presets.json")};
    QFile list(dir.filePath(QStringLiteral("presets.json")));
    if (list.open(QIODevice::ReadOnly)) {
        for (const QJsonValue& entry : QJsonDocument::fromJson(list.readAll()).array()) {
            const QJsonObject words = entry.toObject();
            const QString name = words[QStringLiteral("file")].toString();
            if (name.isEmpty() || !dir.exists(name)) continue;
            seen.insert(name);
            presets.push_back({dir.filePath(name), words[QStringLiteral("title")].toString(),
                               words[QStringLiteral("hint")].toString(),
                               words[QStringLiteral("show")].toVariant().toStringList()});
        }
    }
    for (const QString& name : dir.entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name))
        if (!seen.contains(name))
            presets.push_back({dir.filePath(name), name.chopped(5).replace('-', ' '), QString()});
    return presets;
}

QString findResources(const QString& binaryFolder, const QString& builtFrom) {
    const QStringList places{binaryFolder + QStringLiteral("/../../resources"), builtFrom,
                             binaryFolder + QStringLiteral("/../share/rondo")};
    for (const QString& place : places)
        if (!place.isEmpty() && QDir(place + QStringLiteral("/runs")).exists()) return QDir::cleanPath(place);
    return {};
}

}  // namespace rondo::ui
