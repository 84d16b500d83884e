// A room with encryption, and one whose machines reach each other through the host only: as people start
// them.
#include <QtTest>
#include <set>

#include "engine/events/recording.h"
#include "tests/support/programs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

QStringList small(const QString& algorithm, int workers) {
    return {"--set", "workers=" + QString::number(workers),
            "--set", "data.train=600",
            "--set", "data.test=100",
            "--set", "stop={\"steps\":12}",
            "--set", "evaluate_every=4",
            "--set", R"(model={"kind":"mlp","hidden":[50,40]})",
            "--set", "algorithm=" + algorithm};
}

const QString kRing = R"({"kind":"all_reduce"})", kServers = R"({"kind":"parameter_server","servers":2})";

/// Machines that join, each with these options too.
std::vector<std::unique_ptr<Program>> machines(const HostProgram& host, int count, const QStringList& more) {
    std::vector<std::unique_ptr<Program>> all;
    for (int i = 1; i <= count; ++i)
        all.push_back(std::make_unique<Program>(host.joining("desk-" + QString::number(i)) + more));
    return all;
}

std::vector<RouteChosen> routesIn(const QString& recording) {
    std::vector<RouteChosen> routes;
    const auto read = readRecording(recording.toStdString());
    if (!read) return routes;
    for (const Event& event : read->events)
        if (const auto* route = std::get_if<RouteChosen>(&event)) routes.push_back(*route);
    return routes;
}

}  // namespace

class TestSecureRoom : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sameWeights_asOnThreads_data() {
        QTest::addColumn<QString>("algorithm");
        QTest::addColumn<bool>("secure");
        QTest::addColumn<bool>("relay");
        QTest::addColumn<int>("relayedPairs");
        QTest::newRow("ring, encrypted") << kRing << true << false << 0;
        QTest::newRow("ring, encrypted and relayed") << kRing << true << true << 3;
        QTest::newRow("servers, encrypted") << kServers << true << false << 0;
        QTest::newRow("servers, relayed") << kServers << false << true << 3 + 6;
        QTest::newRow("servers, encrypted and relayed") << kServers << true << true << 3 + 6;
    }
    void sameWeights_asOnThreads() {
        QFETCH(QString, algorithm);
        QFETCH(bool, secure);
        QFETCH(bool, relay);
        QFETCH(int, relayedPairs);
        const QTemporaryDir folder;
        const QString report = folder.filePath("report.json"), recording = folder.filePath("run.rondo");
        QStringList options{"--report", report, "--record", recording};
        if (secure) options << "--secure";
        HostProgram host(small(algorithm, 3), options);
        QCOMPARE(host.url.startsWith("wss://"), secure);
        const auto desks = machines(host, 3, relay ? QStringList{"--relay"} : QStringList{});
        QCOMPARE(host.code(), 0);
        for (const auto& desk : desks) QCOMPARE(desk->code(), 0);
        const Outcome threads = call(QStringList{"run", kRuns + "welcome.json", "--json"} +
                                     small(algorithm, 3) + QStringList{"--set", "run_on=threads"});
        QCOMPARE(jsonIn(report)["weights_sha256"], threads.json()["weights_sha256"]);
        QCOMPARE(jsonIn(report)["traffic"].toObject()["payload_bytes"],
                 threads.json()["traffic"].toObject()["payload_bytes"]);

        // Told once a pair; of ranks of one computer only if they are relayed.
        const auto routes = routesIn(recording);
        std::set<std::pair<int, int>> pairs;
        for (const RouteChosen& route : routes) {
            QVERIFY(route.relayed);
            pairs.insert(std::minmax(route.stamp.rank.value, route.peer.value));
        }
        const int serverPair = algorithm == kServers ? 1 : 0;
        QVERIFY(!pairs.count({3, 4}) || serverPair == 0);  // servers are in one process
        QCOMPARE(static_cast<int>(pairs.size()), relayedPairs);
        QCOMPARE(routes.size(), pairs.size());
        QCOMPARE(host.readAllStandardError().contains("relayed by the host"), relayedPairs > 0);
    }

    void fingerprintOfAFile_doesInsteadOfTheLongCode() {
        const QTemporaryDir folder;
        const QString file = folder.filePath("room.fingerprint"), seen = folder.filePath("seen.rondo");
        HostProgram host(small(kRing, 1), {"--secure", "--fingerprint", file, "--quiet"});
        const QString code = host.code6.left(7);
        QCOMPARE(host.code6.size(), 19);
        Program viewer(
            {"watch", "--join", host.url, "--code", code, "--fingerprint", file, "--record", seen});
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(seen).size() > 0, 60'000);
        QFile held(file);
        QVERIFY(held.open(QIODevice::ReadOnly));
        const QString digits = QString::fromUtf8(held.readAll()).trimmed().remove(':').toLower();
        QCOMPARE(digits.size(), 64);
        Program worker({"worker", "--join", host.url, "--code", code, "--fingerprint", digits});
        QCOMPARE(host.code(), 0);
        QCOMPARE(worker.code(), 0);
        QCOMPARE(viewer.code(), 0);
    }

    void otherCertificate_isRefusedBeforeTheCodeIsSaid_data() {
        QTest::addColumn<bool>("watch");
        QTest::newRow("worker") << false;
        QTest::newRow("viewer") << true;
    }
    void otherCertificate_isRefusedBeforeTheCodeIsSaid() {
        QFETCH(bool, watch);
        HostProgram mine(small(kRing, 1), {"--secure", "--quiet"}),
            another(small(kRing, 1), {"--secure", "--quiet"});
        const QString command = watch ? "watch" : "worker";
        // Somebody else answers at the address, with a certificate of their own.
        const Outcome code = call({command, "--join", another.url, "--code", mine.code6});
        QCOMPARE(code.code, 1);
        QVERIFY2(code.err.contains("certificate"), qPrintable(code.err));
        const Outcome digits = call({command, "--join", another.url, "--code", mine.code6.left(7),
                                     "--fingerprint", QString(64, '0')});
        QCOMPARE(digits.code, 1);
        QVERIFY2(digits.err.contains("certificate"), qPrintable(digits.err));
        // It has seen no try of a code, right or wrong.
        another.terminate();
        another.waitForFinished();
        const QByteArray log = another.readAllStandardError();
        QVERIFY2(!log.contains("wrong code"), log);
    }

    void badInput_isNamed_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("said");
        const QStringList wss{"--join", "wss://127.0.0.1:9", "--code"},
            ws{"--join", "ws://127.0.0.1:9", "--code"};
        const QString sixteen = "K7M-Q2X-ABCDE-FGHJK";
        const auto row = [](const char* name, const QStringList& arguments, const QString& said) {
            for (const char* command : {"worker", "watch"})
                QTest::addRow("%s: %s", command, name) << QStringList{command} + arguments << said;
        };
        row("neither digits nor a file", wss + QStringList{"K7M-Q2X", "--fingerprint", "12:34"},
            "--fingerprint: 12:34, expected 64 hexadecimal digits");
        row("another file", wss + QStringList{"K7M-Q2X", "--fingerprint", kRuns + "welcome.json"},
            "holds something else, expected 64 hexadecimal digits");
        row("a folder", wss + QStringList{"K7M-Q2X", "--fingerprint", kRuns},
            "expected 64 hexadecimal digits");
        row("fingerprint without encryption", ws + QStringList{"K7M-Q2X", "--fingerprint", QString(64, 'a')},
            "--join: ws://127.0.0.1:9, expected wss://");
        row("long code without encryption", ws + QStringList{sixteen},
            "--join: ws://127.0.0.1:9, expected wss://");
        row("short code alone", wss + QStringList{"K7M-Q2X"}, "--code: K7M-Q2X, expected the longer one");
        QTest::newRow("host without a certificate")
            << QStringList{"host", kRuns + "welcome.json", "--fingerprint", "x"}
            << "--fingerprint: x, expected only with --secure";
    }
    void badInput_isNamed() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, said);
        const Outcome outcome = call(arguments);
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(said), qPrintable(outcome.err));
    }
};

QTEST_GUILESS_MAIN(TestSecureRoom)
#include "tst_secure_room.moc"
