#pragma once

#include <QByteArray>
#include <QSettings>
#include <QStringList>
#include <memory>
#include <optional>

namespace rondo::ui {

/// What the window remembers from one day to the next. Each value is written when it changes, so that a crash
/// loses nothing. `file` empty: the person's own configuration.
class Session {
  public:
    struct Settings {
        QString text, file;
        bool dirty = false;
        QByteArray seen;  ///< fingerprint of `file` when it was last read or written
    };
    static constexpr int kMostRecent = 10;

    explicit Session(const QString& file = {});

    bool firstLaunch() const;
    std::optional<Settings> settings() const;
    void keepSettings(const Settings& settings);
    QString recording() const { return text("recording"); }
    void keepRecording(const QString& file) { keep("recording", file); }
    QString theme() const { return text("theme"); }
    void keepTheme(const QString& name) { keep("theme", name); }
    QStringList recent() const;
    void addRecent(const QString& file);

    QByteArray bytes(const char* key) const { return store_->value(QLatin1String(key)).toByteArray(); }
    QString text(const char* key) const { return store_->value(QLatin1String(key)).toString(); }
    QStringList texts(const char* key) const { return store_->value(QLatin1String(key)).toStringList(); }
    bool has(const char* key) const { return store_->contains(QLatin1String(key)); }
    void keep(const char* key, const QVariant& value) { store_->setValue(QLatin1String(key), value); }
    void flush() { store_->sync(); }

  private:
    std::unique_ptr<QSettings> store_;
};

/// Tells whether a file's contents have changed; empty when it can't be read or isn't a plain file.
QByteArray fingerprintOf(const QString& file);

}  // namespace rondo::ui
