#pragma once

#include <QObject>
#include <QProcess>
#include <QTemporaryDir>
#include <memory>
#include <vector>

#include "ui/store/race_run.h"

class QThread;

namespace rondo::ui {

/// Trains the racers one after the other, each as `rondo-cli run` in a process of its own, and reads what
/// they leave: the passes of the first batches, the report, the weights. Nothing here waits. Thread: GUI
/// only.
class RaceRunner final : public QObject {
    Q_OBJECT
  public:
    /// `program`: rondo-cli.
    explicit RaceRunner(QString program, QObject* parent = nullptr);
    ~RaceRunner() override;

    /// `batches`: of how many steps the passes are kept.
    void start(std::vector<RunSpec> specs, int batches);
    /// What has been trained by then is forgotten; no signal tells of it any more.
    void cancel();
    bool busy() const { return folder_ != nullptr; }

  Q_SIGNALS:
    /// `line`: what the training says of itself; empty while it is prepared.
    void progressed(int racer, const QString& line);
    /// One for each that was asked for, in order.
    void finished(const std::vector<rondo::ui::RaceRun>& runs);

  private:
    struct Read;
    void next();
    void onOutput();
    void onExit();
    void onRead(QThread* thread, const std::shared_ptr<Read>& read);
    void fail(const QString& why);
    QString path(const char* name) const;

    const QString program_;
    std::vector<RunSpec> specs_;
    int batches_ = 1;
    std::vector<RaceRun> runs_;
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<QProcess> process_;
    std::shared_ptr<Read> read_;     ///< the one that is wanted
    std::vector<QThread*> threads_;  ///< those that have not ended, unwanted ones included
    QByteArray said_;                ///< the end of what the process told on standard error
};

}  // namespace rondo::ui
