#pragma once

#include <QObject>
#include <QProcess>
#include <QTemporaryDir>
#include <memory>

#include "engine/config/run_spec.h"
#include "ui/setup/settings_document.h"

namespace rondo::ui {

/// Has `rondo-cli measure` measure the layers of the valid settings on this computer, and types the times in
/// as one change. Settings that became others meanwhile are left alone. Nothing here waits. Thread: GUI only.
class LayerMeasurement final : public QObject {
    Q_OBJECT
  public:
    /// `program`: rondo-cli.
    LayerMeasurement(QString program, SettingsDocument& document, QObject* parent = nullptr);
    ~LayerMeasurement() override;
    bool busy() const { return process_ != nullptr; }
    /// Begins, or gives up what is under way.
    void toggle();

  Q_SIGNALS:
    void busyChanged(bool on);
    /// Why nothing came of it.
    void failed(const QString& why);

  private:
    void start();
    void onExit();
    void end();
    QString file(const char* name) const { return folder_->filePath(QLatin1String(name)); }

    const QString program_;
    SettingsDocument& document_;
    RunSpec of_;  ///< the settings that are measured
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<QProcess> process_;
};

}  // namespace rondo::ui
