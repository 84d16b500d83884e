#include "ui/bridge/engine_process.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <cstring>

namespace rondo::ui {

namespace {

constexpr int kMostComplaints = 4096;
constexpr int kEarlyMs = 3000;
constexpr int kMostEarlyDeaths = 2;

QString nameOfSignal(int number) {
    const char* words = strsignal(number);
    return words ? QString::fromLocal8Bit(words).toLower() : QString();
}

}  // namespace

EngineProcess::Program EngineProcess::besideThisProgram() {
    const QFileInfo self(QCoreApplication::applicationFilePath());
    return {self.dir().filePath(QStringLiteral("rondo-cli"))};
}

EngineProcess::EngineProcess(Program program, QObject* parent)
    : QObject(parent), program_(std::move(program)), process_(new QProcess(this)) {
    connect(process_, &QProcess::readyReadStandardOutput, this,
            [this] { Q_EMIT received(process_->readAllStandardOutput()); });
    connect(process_, &QProcess::readyReadStandardError, this, [this] {
        complaints_ = (complaints_ + process_->readAllStandardError()).right(kMostComplaints);
    });
    connect(process_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        if (status == QProcess::NormalExit) return onGone(tr("exit code %1").arg(code));
        const QString words = nameOfSignal(code);
        onGone(words.isEmpty() ? tr("signal %1").arg(code) : tr("signal %1, %2").arg(code).arg(words));
    });
    connect(process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) onGone(process_->errorString());
    });
}

EngineProcess::~EngineProcess() {
    closing_ = true;
    process_->disconnect(this);
    if (process_->state() == QProcess::NotRunning) return;
    process_->write((toLine(Quit{}) + "\n").c_str());
    process_->closeWriteChannel();
    // The window is already hidden. A run that is being computed gets a moment to close its recording.
    if (!process_->waitForFinished(1500)) {
        process_->kill();
        process_->waitForFinished(500);
    }
}

bool EngineProcess::running() const {
    return process_->state() != QProcess::NotRunning;
}

void EngineProcess::start() {
    if (running()) return;
    complaints_.clear();
    age_.start();
    Q_EMIT streamBegins();
    process_->start(program_.file, program_.arguments);
}

void EngineProcess::send(const ControlCommand& command) {
    if (!running()) {
        earlyDeaths_ = 0;
        start();
    }
    const std::string line = toLine(command) + "\n";
    process_->write(line.data(), static_cast<qint64>(line.size()));
}

void EngineProcess::kill() {
    process_->kill();
}

QString EngineProcess::describeEnd(QString how) const {
    QString words = tr("The training process ended (%1).").arg(how);
    const QString last = QString::fromUtf8(complaints_).trimmed().section('\n', -1).left(300);
    if (!last.isEmpty()) words += tr(" It said: %1").arg(last);
    return words;
}

void EngineProcess::onGone(const QString& how) {
    if (closing_) return;
    if (process_->state() == QProcess::NotRunning && process_->bytesAvailable() > 0)
        Q_EMIT received(process_->readAllStandardOutput());
    complaints_ = (complaints_ + process_->readAllStandardError()).right(kMostComplaints);
    earlyDeaths_ = age_.elapsed() < kEarlyMs ? earlyDeaths_ + 1 : 0;
    Q_EMIT ended(describeEnd(how));
    if (earlyDeaths_ < kMostEarlyDeaths)
        QMetaObject::invokeMethod(this, &EngineProcess::start, Qt::QueuedConnection);
    else
        Q_EMIT gaveUp();
}

}  // namespace rondo::ui
