#include "ui/window/session.h"

#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>

namespace rondo::ui {

Session::Session(const QString& file)
    : store_(file.isEmpty() ? std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                                          QStringLiteral("Rondo"), QStringLiteral("rondo"))
                            : std::make_unique<QSettings>(file, QSettings::IniFormat)) {}

bool Session::firstLaunch() const {
    return !has("settings/text");
}

std::optional<Session::Settings> Session::settings() const {
    if (firstLaunch()) return {};
    return Settings{text("settings/text"), text("settings/file"),
                    store_->value(QStringLiteral("settings/dirty")).toBool(), bytes("settings/seen")};
}

void Session::keepSettings(const Settings& settings) {
    keep("settings/text", settings.text);
    keep("settings/file", settings.file);
    keep("settings/dirty", settings.dirty);
    keep("settings/seen", settings.seen);
}

QStringList Session::recent() const {
    QStringList files;
    for (const QString& file : texts("recent"))
        if (QFileInfo::exists(file)) files << file;
    return files;
}

void Session::addRecent(const QString& file) {
    QStringList files = texts("recent");
    files.removeAll(file);
    files.prepend(file);
    keep("recent", QStringList(files.mid(0, kMostRecent)));
}

QByteArray fingerprintOf(const QString& file) {
    QFile in(file);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    if (!QFileInfo(file).isFile() || !in.open(QIODevice::ReadOnly) || !hash.addData(&in)) return {};
    return hash.result();
}

}  // namespace rondo::ui
