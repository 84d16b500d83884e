#pragma once

#include <QtTest>

namespace rondo::test {

/// What rondo-cli said and how it ended, called as a person calls it.
struct Outcome {
    int code = -1;
    QString out, err;
    QJsonObject json() const { return QJsonDocument::fromJson(out.toUtf8()).object(); }
};

inline const QString kCli = RONDO_BINARIES "/rondo-cli";
inline const QString kRuns = RONDO_ROOT "/resources/runs/";

inline Outcome call(const QStringList& arguments) {
    QProcess process;
    process.start(kCli, arguments);
    Outcome outcome;
    if (!process.waitForFinished(120'000)) return outcome;
    outcome.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -process.exitCode();
    outcome.out = QString::fromUtf8(process.readAllStandardOutput());
    outcome.err = QString::fromUtf8(process.readAllStandardError());
    return outcome;
}

inline QStringList quick(const QStringList& more = {}) {
    return QStringList{"run",   kRuns + "welcome.json", "--set", "data.train=400",   "--set", "data.test=100",
                       "--set", "stop.steps=20",        "--set", "evaluate_every=10"} +
           more;
}

}  // namespace rondo::test
