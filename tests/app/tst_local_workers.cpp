// Workers that a run starts on this computer: how many, and how they go.
#include <signal.h>

#include <QtTest>

#include "tests/support/cli.h"

using namespace rondo::test;

namespace {

QStringList settings(int workers, int steps) {
    return {"run",   kRuns + "welcome.json",
            "--set", "run_on=processes",
            "--set", "workers=" + QString::number(workers),
            "--set", "batch=4",
            "--set", "data.train=400",
            "--set", "data.test=100",
            "--set", R"(model={"kind":"logistic"})",
            "--set", QString(R"(stop={"steps":%1})").arg(steps),
            "--set", "evaluate_every=5",
            "--json"};
}

/// Of that process, as /proc tells; what has ended has none.
QList<qint64> childrenOf(qint64 process) {
    QList<qint64> children;
    for (const QString& task : QDir(QString("/proc/%1/task").arg(process)).entryList(QDir::Dirs)) {
        QFile file(QString("/proc/%1/task/%2/children").arg(process).arg(task));
        if (!file.open(QIODevice::ReadOnly)) continue;
        for (const QByteArray& child : file.readAll().split(' '))
            if (child.trimmed().toLongLong() > 0) children << child.trimmed().toLongLong();
    }
    return children;
}
/// Gone, or dead and waiting for somebody to notice.
bool hasEnded(qint64 process) {
    QFile file(QString("/proc/%1/stat").arg(process));
    if (!file.open(QIODevice::ReadOnly)) return true;
    const QByteArray text = file.readAll();
    return text.isEmpty() || text.mid(text.lastIndexOf(')') + 2, 1) == "Z";
}

/// A run under way, with what it says on standard error.
struct Running : QProcess {
    explicit Running(const QStringList& arguments) {
        setReadChannel(StandardError);
        start(kCli, arguments);
    }
    ~Running() override {
        kill();
        waitForFinished();
    }
    bool says(const QString& words) {
        while (!text.contains(words)) {
            if (!canReadLine() && (state() == NotRunning || !waitForReadyRead(60'000))) return false;
            text += QString::fromUtf8(readLine());
        }
        return true;
    }
    /// Those that the nursery, its only child, has become.
    QList<qint64> workers() const {
        const QList<qint64> nursery = childrenOf(processId());
        return nursery.size() == 1 ? childrenOf(nursery.front()) : QList<qint64>();
    }
    QString text;
};

}  // namespace

class TestLocalWorkers : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void fortyWorkers_allTrain() {
        const Outcome run = call(settings(40, 3));
        QVERIFY2(run.code == 0, qPrintable(run.err));
        const QJsonObject report = run.json();
        QCOMPARE(report["steps"].toInt(), 3);
        const QJsonArray ranks = report["traffic"].toObject()["per_rank"].toArray();
        QCOMPARE(ranks.size(), 40);
        for (const auto& rank : ranks) QVERIFY(rank.toObject()["sent"].toDouble() > 0);
        for (int i = 0; i < 40; ++i)
            QVERIFY2(run.err.contains(QString("worker-%1 is training").arg(i)), qPrintable(run.err));
    }

    void killedWorker_theOthersFinish() {
        Running run(settings(3, 400));
        QVERIFY2(run.says("step "), qPrintable(run.text));
        const QList<qint64> workers = run.workers();
        QCOMPARE(workers.size(), 3);
        ::kill(static_cast<pid_t>(workers[1]), SIGKILL);
        QVERIFY2(run.says("on with 2 workers"), qPrintable(run.text));
        QVERIFY(run.waitForFinished(120'000));
        QCOMPARE(run.exitCode(), 0);
    }

    void workersEndWithWhoStartedThem_howeverItEnds_data() {
        QTest::addColumn<int>("signal");
        QTest::newRow("stopped") << SIGINT;
        QTest::newRow("killed") << SIGKILL;
    }
    void workersEndWithWhoStartedThem_howeverItEnds() {
        QFETCH(int, signal);
        Running run(settings(3, 1'000'000));
        QVERIFY2(run.says("step "), qPrintable(run.text));
        const QList<qint64> all = childrenOf(run.processId()) + run.workers();
        QCOMPARE(all.size(), 4);
        ::kill(static_cast<pid_t>(run.processId()), signal);
        QVERIFY(run.waitForFinished(120'000));
        for (const qint64 process : all) QTRY_VERIFY_WITH_TIMEOUT(hasEnded(process), 60'000);
    }
};

QTEST_GUILESS_MAIN(TestLocalWorkers)
#include "tst_local_workers.moc"
