// rondo-cli run --sweep, as its users call it.
#include <signal.h>

#include <QtTest>

#include "tests/support/cli.h"

using namespace rondo::test;

class TestSweepCommand : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    QString at(const char* name) const { return folder_.filePath(name); }

  private Q_SLOTS:
    void sweep_runsAGridAndWritesOneTable() {
        const Outcome outcome = call(quick({"--sweep", "workers=1..2", "--sweep", "seed=1,2", "--json",
                                            "--csv", at("table.csv"), "--report", at("sweep.json")}));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY2(outcome.err.contains("4/4  workers=2 seed=2  finished, accuracy "), qPrintable(outcome.err));
        const QJsonObject sweep = outcome.json();
        const QJsonArray runs = sweep["runs"].toArray(), table = sweep["table"].toArray(),
                         groups = sweep["groups"].toArray();
        QCOMPARE(runs.size(), 4);
        QCOMPARE(table.size(), 4);
        QCOMPARE(groups.size(), 2);
        for (int run = 0; run < 4; ++run) {
            const QJsonObject spec = runs[run]["spec"].toObject(), row = table[run].toObject();
            QCOMPARE(spec["workers"].toInt(), run / 2 + 1);
            QCOMPARE(spec["seed"].toInt(), run % 2 + 1);
            for (const char* key : {"workers", "seed"}) QCOMPARE(row[key], spec[key]);
            for (const char* key : {"steps", "seconds", "test_accuracy", "train_loss", "status"})
                QCOMPARE(row[key], runs[run][key]);
            QCOMPARE(row["payload_bytes"], runs[run]["traffic"]["payload_bytes"]);
        }
        const double a = table[2]["test_accuracy"].toDouble(), b = table[3]["test_accuracy"].toDouble();
        const QJsonObject accuracy = groups[1]["test_accuracy"].toObject();
        QCOMPARE(groups[1]["workers"].toInt(), 2);
        QCOMPARE(accuracy["mean"].toDouble(), (a + b) / 2);
        QCOMPARE(accuracy["min"].toDouble(), std::min(a, b));
        QCOMPARE(accuracy["max"].toDouble(), std::max(a, b));

        QFile csv(at("table.csv")), report(at("sweep.json"));
        QVERIFY(csv.open(QIODevice::ReadOnly) && report.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = csv.readAll().split('\n');
        QCOMPARE(lines.size(), 6);
        QCOMPARE(lines[0], QByteArray("workers,seed,steps,seconds,payload_bytes,test_accuracy,train_loss,"
                                      "status,error\r"));
        QVERIFY(lines[4].startsWith("2,2,20,") && lines[4].endsWith(",finished,\r") && lines[5].isEmpty());
        QCOMPARE(QString::fromUtf8(report.readAll()), outcome.out);
    }

    void sweepOfEqualRuns_isThatRun() {
        const auto one = call(quick({"--quiet", "--json", "--set", "seed=7"})).json();
        const auto sweep = call(quick({"--quiet", "--json", "--sweep", "seed=7"})).json();
        QVERIFY(!one["weights_sha256"].toString().isEmpty());
        QCOMPARE(sweep["runs"][0]["weights_sha256"], one["weights_sha256"]);
    }

    void badSweep_runsNothing_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("message");
        QTest::newRow("last value") << QStringList{"--sweep", "batch=8,16,-3"}
                                    << "--sweep batch=-3: batch: -3, expected 1 to";
        QTest::newRow("unknown key") << QStringList{"--sweep", "btach=8"} << "btach: unknown setting";
        QTest::newRow("too many") << QStringList{"--sweep", "seed=1..1000000000"} << "more than 10000 runs";
        QTest::newRow("weights") << QStringList{"--sweep", "seed=1,2", "--weights", "w.safetensors"}
                                 << "--weights: given, expected none with --sweep";
        QTest::newRow("csv nowhere") << QStringList{"--sweep", "seed=1,2", "--csv", "/no/such/table.csv"}
                                     << "--csv: no such folder";
        QTest::newRow("csv of one run") << QStringList{"--csv", "table.csv"} << "only with --sweep";
    }
    void badSweep_runsNothing() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, message);
        const Outcome outcome = call(quick(arguments));
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(message), qPrintable(outcome.err));
        QVERIFY2(!outcome.err.contains("finished") && outcome.out.isEmpty(), qPrintable(outcome.err));
    }

    void failedRunOfASweep_isARowAndTheNextRunsGoOn() {
        const Outcome outcome =
            call(quick({"--json", "--set", "run_on=virtual", "--sweep", "cluster.times.message_ms=1e8,1"}));
        QCOMPARE(outcome.code, 1);
        const QJsonArray table = outcome.json()["table"].toArray();
        QCOMPARE(table[0]["status"].toString(), "failed");
        QVERIFY(table[0]["error"].toString().contains("50 days"));
        QCOMPARE(table[1]["status"].toString(), "finished");

        const Outcome noData = call(quick({"--sweep",
                                           "data={\"kind\":\"idx\",\"path\":\"/no\"},"
                                           "{\"kind\":\"digits\",\"train\":400,\"test\":100}"}));
        QCOMPARE(noData.code, 1);
        QVERIFY2(noData.out.contains("failed: data.path: /no: this folder doesn't exist"),
                 qPrintable(noData.out));
        QVERIFY2(noData.err.contains("2/2") && noData.out.contains("finished"), qPrintable(noData.out));
    }

    void ctrlCInASweep_endsItAndPrintsWhatWasDone() {
        QProcess process;
        process.start(kCli, quick({"--sweep", "seed=1..9999", "--csv", at("ended.csv")}));
        QVERIFY(process.waitForStarted());
        QByteArray heard;
        QTRY_VERIFY_WITH_TIMEOUT((heard += process.readAllStandardError()).contains("2/9999"), 60'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitCode(), 0);
        const QStringList lines = QString::fromUtf8(process.readAllStandardOutput()).split('\n');
        QVERIFY(lines[1].startsWith("1 ") && lines[1].endsWith("finished"));
        QFile csv(at("ended.csv"));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        const auto rows = csv.readAll().count('\n') - 1;
        QVERIFY(rows >= 2 && rows < 9999);
        QVERIFY(lines.size() > rows);
    }
};

QTEST_GUILESS_MAIN(TestSweepCommand)
#include "tst_sweep_command.moc"
