#include "ui/setup/layer_measurement.h"

#include <QFile>

#include "engine/config/run_spec_json.h"

namespace rondo::ui {

LayerMeasurement::LayerMeasurement(QString program, SettingsDocument& document, QObject* parent)
    : QObject(parent), program_(std::move(program)), document_(document) {}

LayerMeasurement::~LayerMeasurement() {
    if (!process_) return;
    process_->disconnect(this);
    process_->kill();
    process_->waitForFinished(1000);
}

void LayerMeasurement::toggle() {
    if (busy())
        end();
    else
        start();
}

void LayerMeasurement::start() {
    folder_ = std::make_unique<QTemporaryDir>();
    of_ = document_.validSpec();
    QFile settings(file("settings.json"));
    const std::string text = prettyPrint(toJson(of_));
    if (!folder_->isValid() || !settings.open(QIODevice::WriteOnly) ||
        settings.write(text.data(), static_cast<qint64>(text.size())) != static_cast<qint64>(text.size())) {
        folder_.reset();
        Q_EMIT failed(tr("The layers can't be measured: no room for a file beside the settings."));
        return;
    }
    settings.close();
    process_ = std::make_unique<QProcess>();
    process_->setStandardOutputFile(QProcess::nullDevice());
    connect(process_.get(), &QProcess::finished, this, &LayerMeasurement::onExit);
    connect(process_.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) onExit();
    });
    Q_EMIT busyChanged(true);
    process_->start(program_, {QStringLiteral("measure"), file("settings.json"), QStringLiteral("--out"),
                               file("timed.json")});
}

void LayerMeasurement::onExit() {
    const auto timed = loadRunSpec(file("timed.json").toStdString());
    const QString said = QString::fromUtf8(process_->readAllStandardError()).trimmed();
    const bool same = document_.validSpec() == of_;
    end();
    if (!timed)
        Q_EMIT failed(tr("The layers could not be measured.\n%1").arg(said));
    else if (!same)
        Q_EMIT failed(tr("The layers were measured, but the settings are others now: measure again."));
    else
        document_.changeTo(*timed, "cluster.times.layers");
}

void LayerMeasurement::end() {
    process_->disconnect(this);
    QProcess* const gone = process_.release();
    if (gone->state() == QProcess::NotRunning) {
        gone->deleteLater();  // it may be the one that called
    } else {
        connect(gone, &QProcess::finished, gone, &QObject::deleteLater);
        gone->kill();
    }
    folder_.reset();
    Q_EMIT busyChanged(false);
}

}  // namespace rondo::ui
