#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QStringList>

#include "engine/control/control.h"

namespace rondo::ui {

/// The training process: `rondo-cli engine`, a child that loads LibTorch while the window is already there.
/// Kept warm between runs and started again after it died. Nothing here waits for it. Thread: GUI only.
class EngineProcess final : public QObject {
    Q_OBJECT
  public:
    struct Program {
        QString file;
        QStringList arguments{"engine"};
    };
    /// rondo-cli in the folder of this program.
    static Program besideThisProgram();

    explicit EngineProcess(Program program, QObject* parent = nullptr);
    ~EngineProcess() override;  ///< asks it to quit, then makes it

    /// Does nothing while it runs.
    void start();
    bool running() const;
    qint64 pid() const { return process_->processId(); }
    /// Starts the process when needed.
    void send(const ControlCommand& command);
    /// Ends it at once; `ended` follows.
    void kill();

  Q_SIGNALS:
    /// A new stream of events begins.
    void streamBegins();
    void received(const QByteArray& bytes);
    /// It is gone. `why` is words for the person, with what it said last.
    void ended(const QString& why);
    /// Started again, but it keeps dying at once: given up until the next send().
    void gaveUp();

  private:
    QString describeEnd(QString how) const;
    void onGone(const QString& how);

    Program program_;
    QProcess* process_;
    QByteArray complaints_;  ///< the end of what it wrote on standard error
    QElapsedTimer age_;
    int earlyDeaths_ = 0;
    bool closing_ = false;
};

}  // namespace rondo::ui
