// Runs whose ranks are processes, started and joined as a person does it.
#include <signal.h>

#include <QtTest>

#include "tests/support/programs.h"

using namespace rondo::test;

namespace {

const QStringList kModes{"threads", "processes", "gloo"};

QStringList small(const QString& algorithm, const QString& runOn) {
    return {"run",   kRuns + "welcome.json",   "--set", "data.train=600",
            "--set", "data.test=100",          "--set", "stop={\"steps\":12}",
            "--set", "evaluate_every=4",       "--set", R"(model={"kind":"mlp","hidden":[50,40,30,20]})",
            "--set", "algorithm=" + algorithm, "--set", "run_on=" + runOn,
            "--json"};
}

}  // namespace

class TestProcesses : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sameWeights_asOnThreads_data() {
        QTest::addColumn<QString>("algorithm");
        QTest::newRow("ring") << R"({"kind":"all_reduce"})";
        QTest::newRow("sync") << R"({"kind":"parameter_server","servers":2})";
        QTest::newRow("gossip") << R"({"kind":"gossip"})";
        QTest::newRow("pipeline") << R"({"kind":"pipeline","schedule":"1f1b","micro_batches":4})";
    }
    void sameWeights_asOnThreads() {
        QFETCH(QString, algorithm);
        const QJsonObject threads = call(small(algorithm, "threads")).json();
        QCOMPARE(threads["status"].toString(), QString("finished"));
        const Outcome processes = call(small(algorithm, "processes"));
        QCOMPARE(processes.code, 0);
        QCOMPARE(processes.json()["weights_sha256"], threads["weights_sha256"]);
        QCOMPARE(processes.json()["traffic"].toObject()["payload_bytes"],
                 threads["traffic"].toObject()["payload_bytes"]);
        QCOMPARE(processes.json()["history"].toArray().size(), threads["history"].toArray().size());
        const Outcome gloo = call(small(algorithm, "gloo"));
        QCOMPARE(gloo.code, 0);
        // Gloo's own all-reduce adds in another order.
        const double norm = threads["weights_l2"].toDouble();
        QVERIFY(std::abs(gloo.json()["weights_l2"].toDouble() - norm) < 1e-5 * norm);
        QCOMPARE(gloo.json()["traffic"].toObject()["payload_bytes"],
                 threads["traffic"].toObject()["payload_bytes"]);
    }

    void async_finishes() {
        for (const QString& mode : kModes) {
            const Outcome run = call(small(R"({"kind":"parameter_server","mode":"async"})", mode));
            QCOMPARE(run.code, 0);
            QCOMPARE(run.json()["status"].toString(), QString("finished"));
            QCOMPARE(run.json()["steps"].toInt(), 12);
        }
    }

    void machinesJoinByTheLineOfTheHost_andTrain() {
        HostProgram host({"--set", "workers=2", "--set", "stop={\"steps\":12}", "--set", "data.train=600"},
                         {"--quiet"});
        QVERIFY2(host.code6.size() == 7, qPrintable(host.code6));
        Program first(host.joining("desk-1")), second(host.joining("desk-2"));
        QCOMPARE(host.code(), 0);
        QCOMPARE(first.code(), 0);
        QCOMPARE(second.code(), 0);
    }

    void wrongCode_isRefusedWithTheReason() {
        HostProgram host({"--set", "workers=1"}, {"--quiet"});
        QStringList arguments = host.joining("stranger");
        arguments[4] = host.code6 == "222-222" ? "333-333" : "222-222";
        const Outcome stranger = call(arguments);
        QVERIFY(stranger.code > 0);
        QVERIFY2(stranger.err.contains("code"), qPrintable(stranger.err));
    }

    // The file is where the host is; its path means nothing elsewhere.
    void dataOfTheHost_comesToItsWorkers() {
        const QTemporaryDir folder, elsewhere;
        QFile text(folder.filePath("words.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
        for (int i = 0; i < 400; ++i) text.write("the quick brown fox jumps over the lazy dog. ");
        text.close();
        const QStringList settings{"--set", "workers=2",
                                   "--set", "stop={\"steps\":6}",
                                   "--set", "evaluate_every=0",
                                   "--set", R"(data={"kind":"text","path":"words.txt"})",
                                   "--set", R"(model={"kind":"transformer","width":8,"heads":2,"layers":1})"};
        HostProgram host(settings, {"--report", folder.filePath("report.json")}, folder.path());
        Program first(host.joining("desk-1"), elsewhere.path()),
            second(host.joining("desk-2"), elsewhere.path());
        QCOMPARE(host.code(), 0);
        QFile report(folder.filePath("report.json"));
        QVERIFY(report.open(QIODevice::ReadOnly));
        Program threads(
            QStringList{"run", kRuns + "welcome.json", "--json", "--set", "run_on=threads"} + settings,
            folder.path());
        QCOMPARE(threads.code(), 0);
        QCOMPARE(QJsonDocument::fromJson(report.readAll()).object()["weights_sha256"],
                 threads.json()["weights_sha256"]);
    }

    void viewer_seesTheWholeRun() {
        const QTemporaryDir folder;
        const QString recording = folder.filePath("seen.rondo");
        HostProgram host({"--set", "workers=1", "--set", "stop={\"steps\":12}", "--set", "data.train=600"},
                         {"--quiet"});
        Program viewer({"watch", "--join", host.url, "--code", host.code6, "--record", recording});
        // It has come when its file has the beginning of a stream.
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(recording).size() > 0, 60'000);
        Program worker(host.joining("desk-1"));
        QCOMPARE(host.code(), 0);
        QCOMPARE(viewer.code(), 0);
        const Outcome replayed = call({"replay", recording, "--json"});
        QCOMPARE(replayed.json()["status"].toString(), QString("finished"));
        QCOMPARE(replayed.json()["steps"].toInt(), 12);
    }

    void killedWorker_theOthersFinish() {
        HostProgram host({"--set", "workers=3", "--set", "stop={\"steps\":4000}", "--set", "data.train=600",
                          "--set", "data.test=100", "--set", "evaluate_every=5"});
        Program first(host.joining("desk-1")), second(host.joining("desk-2")), victim(host.joining("desk-3"));
        // The first evaluation says that they are at it.
        QByteArray said;
        QTRY_VERIFY_WITH_TIMEOUT((said += host.readAllStandardError()).contains("step "), 60'000);
        ::kill(static_cast<pid_t>(victim.processId()), SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT((said += host.readAllStandardError()).contains("on with 2 workers"), 60'000);
        QVERIFY2(said.contains("desk-3"), said);
        host.terminate();  // ends the run at the next border, with a report
        QCOMPARE(host.code(), 0);
    }
};

QTEST_GUILESS_MAIN(TestProcesses)
#include "tst_processes.moc"
