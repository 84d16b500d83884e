// Checkpoints as a person makes them: the real program, stopped, killed and fed with what is no checkpoint.
#include <signal.h>

#include <QtTest>

#include "engine/run/checkpoint.h"
#include "tests/support/cli.h"

using namespace rondo;
using namespace rondo::test;

namespace {

QStringList ring(int steps, const QStringList& more = {}) {
    return QStringList{"run",
                       kRuns + "welcome.json",
                       "--json",
                       "--set",
                       "data.train=400",
                       "--set",
                       "data.test=100",
                       "--set",
                       "optimizer.momentum=0.9",
                       "--set",
                       "evaluate_every=10",
                       "--set",
                       "stop={\"steps\":" + QString::number(steps) + "}"} +
           more;
}

std::int64_t stepsIn(const QString& file) {
    const auto checkpoint = readCheckpoint(file.toStdString());
    return checkpoint ? checkpoint->stepsDone : -1;
}

}  // namespace

class TestCheckpoints : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    QString at(const char* name) const { return folder_.filePath(name); }

    static QString sha(const Outcome& outcome) { return outcome.json()["weights_sha256"].toString(); }
    /// The program under way, once it has written a checkpoint of that many steps.
    void startUntil(QProcess& process, const QStringList& arguments, const QString& file,
                    std::int64_t steps) {
        process.start(kCli, arguments);
        QTRY_VERIFY_WITH_TIMEOUT(stepsIn(file) >= steps, 60'000);
    }
    /// Whether going on there ends where a run that nothing happened to does.
    void compareWithWhole(const QString& file) {
        const int end = static_cast<int>(stepsIn(file)) + 15;
        const Outcome whole = call(ring(end, {"--quiet"}));
        const Outcome resumed = call(ring(end, {"--quiet", "--resume", file}));
        QVERIFY2(resumed.code == 0, qPrintable(resumed.err));
        QCOMPARE(resumed.json()["steps"].toInt(), end);
        QCOMPARE(sha(resumed), sha(whole));
        QCOMPARE(resumed.json()["traffic"].toObject(), whole.json()["traffic"].toObject());
    }

  private Q_SLOTS:
    void killedInTheMiddle_goesOnFromTheLastCheckpoint() {
        const QString file = at("killed.safetensors");
        QProcess process;
        startUntil(process, ring(1'000'000, {"--checkpoint", file, "--checkpoint-every", "5"}), file, 10);
        if (QTest::currentTestFailed()) return;
        process.kill();
        QVERIFY(process.waitForFinished());
        QCOMPARE(stepsIn(file) % 5, 0);
        compareWithWhole(file);
    }

    void interrupted_losesNothing() {
        const QString file = at("interrupted.safetensors");
        QProcess process;
        startUntil(process, ring(1'000'000, {"--checkpoint", file, "--checkpoint-every", "10"}), file, 10);
        if (QTest::currentTestFailed()) return;
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60'000));
        const QJsonObject report = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
        QCOMPARE(report["status"].toString(), "stopped");
        QCOMPARE(stepsIn(file), report["steps"].toInteger());
        compareWithWhole(file);
    }

    void whatIsNoCheckpoint_isRefusedWithWords_data() {
        QTest::addColumn<QString>("how");
        QTest::addColumn<QString>("words");
        QTest::newRow("cut") << "cut"
                             << "byte";
        QTest::newRow("changed") << "changed"
                                 << "it has been changed";
        QTest::newRow("foreign") << "foreign"
                                 << "bytes";
        QTest::newRow("empty") << "empty"
                               << "too short for a checkpoint";
        QTest::newRow("missing") << "missing"
                                 << "no such file";
    }
    void whatIsNoCheckpoint_isRefusedWithWords() {
        QFETCH(QString, how);
        QFETCH(QString, words);
        const QString good = at("good.safetensors"), bad = at("bad.safetensors");
        if (!QFile::exists(good)) QCOMPARE(call(ring(3, {"--quiet", "--checkpoint", good})).code, 0);
        QFile file(good);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray bytes = file.readAll();
        if (how == "cut") bytes.truncate(bytes.size() / 2);
        if (how == "changed") bytes[bytes.size() - 1000] = static_cast<char>(bytes[bytes.size() - 1000] ^ 1);
        if (how == "foreign") bytes = QByteArray(5000, 'x');
        if (how == "empty") bytes.clear();
        QFile::remove(bad);
        if (how != "missing") {
            QFile out(bad);
            QVERIFY(out.open(QIODevice::WriteOnly));
            out.write(bytes);
        }
        const Outcome outcome = call(ring(10, {"--quiet", "--resume", bad}));
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains("bad.safetensors") && outcome.err.contains(words),
                 qPrintable(outcome.err));
    }

    void whatCantBe_isSaidBeforeTheRun_data() {
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<QString>("words");
        QTest::newRow("every without a file")
            << QStringList{"--checkpoint-every", "5"} << "expected only with --checkpoint";
        QTest::newRow("no folder") << QStringList{"--checkpoint", "/no/such/folder/file"} << "--checkpoint";
        QTest::newRow("sweep") << QStringList{"--sweep", "seed=1,2", "--resume", "x"}
                               << "expected without --sweep";
        QTest::newRow("another model")
            << QStringList{"--set", R"(model={"kind":"logistic"})", "--resume", "GOOD"}
            << "as in the checkpoint";
        QTest::newRow("another seed") << QStringList{"--set", "seed=99", "--resume", "GOOD"} << "seed";
        QTest::newRow("processes") << QStringList{"--set", "run_on=processes", "--checkpoint", "GOOD"}
                                   << "expected threads or virtual";
    }
    void whatCantBe_isSaidBeforeTheRun() {
        QFETCH(QStringList, more);
        QFETCH(QString, words);
        const QString good = at("good.safetensors");
        if (!QFile::exists(good)) QCOMPARE(call(ring(3, {"--quiet", "--checkpoint", good})).code, 0);
        more.replaceInStrings("GOOD", good);
        const Outcome outcome = call(ring(10, QStringList{"--quiet"} + more));
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(words), qPrintable(outcome.err));
        QCOMPARE(stepsIn(good), 3);
    }
};

QTEST_GUILESS_MAIN(TestCheckpoints)
#include "tst_checkpoints.moc"
