#pragma once

#include <QFile>
#include <QTemporaryDir>
#include <memory>
#include <string>

#include "tests/support/made_events.h"
#include "ui/window/main_window.h"

namespace rondo::test {

/// A window in a folder of its own, without a training process: its settings, session and recordings.
class WindowFolder {
  public:
    std::unique_ptr<ui::MainWindow> open(bool recording = true) const {
        auto window = std::make_unique<ui::MainWindow>(
            ui::MainWindow::Places{.engine = {path("no-engine")},
                                   .resources = QStringLiteral(RONDO_ROOT "/resources"),
                                   .recordings = path("recordings"),
                                   .sessionFile = path("session.ini")});
        window->resize(1366, 768);
        window->restoreSession(recording);
        return window;
    }
    ui::Session session() const { return ui::Session(path("session.ini")); }
    QString path(const QString& name) const { return folder_.filePath(name); }
    QString write(const QString& name, const std::string& bytes) const {
        QFile file(path(name));
        if (file.open(QIODevice::WriteOnly)) file.write(bytes.data(), static_cast<qint64>(bytes.size()));
        return file.fileName();
    }
    QByteArray read(const QString& name) const {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

  private:
    QTemporaryDir folder_;
};

}  // namespace rondo::test
