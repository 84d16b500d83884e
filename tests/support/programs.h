#pragma once

#include "tests/support/cli.h"

namespace rondo::test {

/// A program that goes on while the test does.
struct Program : QProcess {
    explicit Program(const QStringList& arguments, const QString& folder = {},
                     const QProcessEnvironment& environment = QProcessEnvironment::systemEnvironment()) {
        if (!folder.isEmpty()) setWorkingDirectory(folder);
        setProcessEnvironment(environment);
        start(kCli, arguments);
    }
    ~Program() override {
        kill();
        waitForFinished();
    }
    QString line() {
        while (!canReadLine() && waitForReadyRead(60'000)) {
        }
        return QString::fromUtf8(readLine()).trimmed();
    }
    int code() { return waitForFinished(120'000) && exitStatus() == NormalExit ? exitCode() : -1; }
    QJsonObject json() { return QJsonDocument::fromJson(readAllStandardOutput()).object(); }
};

/// A host that waits, and how to join it.
struct HostProgram : Program {
    QString url, code6;  ///< the code as it is shown, of an encrypted host a longer one
    explicit HostProgram(const QStringList& settings, const QStringList& more = {},
                         const QString& folder = {}, const QString& listen = "127.0.0.1:0")
        : Program(QStringList{"host", kRuns + "welcome.json", "--listen", listen} + settings + more, folder) {
        const QStringList words = line().split(' ');
        const auto after = [&](const QString& option) {
            const auto place = words.indexOf(option);
            return place < 0 ? QString() : words.value(place + 1);
        };
        url = after("--join");
        code6 = after("--code");
    }
    QStringList joining(const QString& name) const {
        return {"worker", "--join", url, "--code", code6, "--name", name};
    }
};

inline QJsonObject jsonIn(const QString& file) {
    QFile report(file);
    return report.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(report.readAll()).object()
                                            : QJsonObject();
}

}  // namespace rondo::test
