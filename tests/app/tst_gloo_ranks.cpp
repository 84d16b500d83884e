// Ranks of a run over Gloo that a person or a launcher starts one by one.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QtTest>

#include "tests/support/cli.h"

using namespace rondo::test;

namespace {

/// A port of loopback that nobody has just now.
QString freePort() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return QString::number(ntohs(address.sin_port));
}

QStringList settings(int workers, const QString& algorithm = R"({"kind":"all_reduce"})") {
    return {"run",   kRuns + "welcome.json",   "--set", "data.train=600",
            "--set", "data.test=100",          "--set", "stop={\"steps\":12}",
            "--set", "evaluate_every=4",       "--set", R"(model={"kind":"mlp","hidden":[50,40]})",
            "--set", "algorithm=" + algorithm, "--set", "workers=" + QString::number(workers),
            "--json"};
}
QStringList onGloo(int workers) {
    return settings(workers) + QStringList{"--set", "run_on=gloo"};
}
QStringList place(int rank, int world, const QString& port) {
    return {"--rank",   QString::number(rank), "--world",  QString::number(world),
            "--master", "127.0.0.1:" + port,   "--within", "60"};
}
/// `name=value` each; what a launcher set for this test itself counts for nothing.
QProcessEnvironment variablesWith(const QStringList& set = {}) {
    QProcessEnvironment all = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}) all.remove(name);
    for (const QString& one : set) all.insert(one.section('=', 0, 0), one.section('=', 1));
    return all;
}

/// One process, until the test leaves it.
struct RankProcess : QProcess {
    explicit RankProcess(const QStringList& arguments, const QStringList& variables = {}) {
        setProcessEnvironment(variablesWith(variables));
        setReadChannel(StandardError);  // whose news are waited for
        start(kCli, arguments);
    }
    ~RankProcess() override {
        kill();
        waitForFinished();
    }
    int code() {
        if (state() != NotRunning && !waitForFinished(120'000)) return -1;
        return exitStatus() == NormalExit ? exitCode() : -1;
    }
    QString errors() { return text_ += QString::fromUtf8(readAllStandardError()); }
    QJsonObject json() { return QJsonDocument::fromJson(readAllStandardOutput()).object(); }
    /// Until it has said this on standard error.
    bool says(const QString& words) {
        while (!errors().contains(words))
            if (state() == NotRunning || !waitForReadyRead(60'000)) return errors().contains(words);
        return true;
    }

  private:
    QString text_;
};

}  // namespace

class TestGlooRanks : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void threeProcessesByHand_giveTheReportOfThreads_data() {
        QTest::addColumn<QString>("algorithm");
        QTest::newRow("ring") << R"({"kind":"all_reduce"})";
        QTest::newRow("servers at rank 0's machine") << R"({"kind":"parameter_server","servers":2})";
        // Stages differ: that each is carried out is that each rank is a rank once.
        QTest::newRow("pipeline") << R"({"kind":"pipeline","schedule":"1f1b","micro_batches":4})";
    }
    void threeProcessesByHand_giveTheReportOfThreads() {
        QFETCH(QString, algorithm);
        const QJsonObject threads =
            call(settings(3, algorithm) + QStringList{"--set", "run_on=threads"}).json();
        QCOMPARE(threads["status"].toString(), QString("finished"));
        const QStringList gloo = settings(3, algorithm) + QStringList{"--set", "run_on=gloo"};
        const QString port = freePort();
        // The last to be needed comes first.
        RankProcess two(gloo + place(2, 3, port)), one(gloo + place(1, 3, port)),
            zero(gloo + place(0, 3, port));
        QVERIFY2(zero.code() == 0, qPrintable(zero.errors()));
        QVERIFY2(one.code() == 0, qPrintable(one.errors()));
        QVERIFY2(two.code() == 0, qPrintable(two.errors()));
        const QJsonObject report = zero.json();
        QCOMPARE(report["status"].toString(), QString("finished"));
        QCOMPARE(report["steps"].toInt(), 12);
        // Gloo's own all-reduce adds in another order.
        const double norm = threads["weights_l2"].toDouble();
        QVERIFY(std::abs(report["weights_l2"].toDouble() - norm) < 1e-5 * norm);
        QCOMPARE(report["traffic"].toObject()["payload_bytes"],
                 threads["traffic"].toObject()["payload_bytes"]);
        QCOMPARE(report["history"].toArray().size(), threads["history"].toArray().size());
        // Only rank 0 has a report; and each was the rank it was told to be.
        QVERIFY(one.json().isEmpty() && two.json().isEmpty());
        QVERIFY2(one.errors().contains("trains as rank 1 of"), qPrintable(one.errors()));
        QVERIFY2(two.errors().contains("trains as rank 2 of"), qPrintable(two.errors()));
    }

    void environment_isReadWhereNoOptionIs() {
        const QString port = freePort();
        const auto launched = [&](int rank) {
            return QStringList{"RANK=" + QString::number(rank), "WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1",
                               "MASTER_PORT=" + port};
        };
        RankProcess zero(onGloo(2), launched(0)), one(onGloo(2), launched(1));
        QVERIFY2(zero.code() == 0, qPrintable(zero.errors()));
        QVERIFY2(one.code() == 0, qPrintable(one.errors()));
        QCOMPARE(zero.json()["steps"].toInt(), 12);
        QVERIFY2(one.errors().contains("trains as rank 1 of"), qPrintable(one.errors()));
    }

    void option_comesBeforeTheEnvironment() {
        const QString port = freePort();
        const QStringList wrong{"RANK=7", "WORLD_SIZE=9", "MASTER_ADDR=nowhere", "MASTER_PORT=1"};
        RankProcess zero(onGloo(2) + place(0, 2, port), wrong), one(onGloo(2) + place(1, 2, port), wrong);
        QVERIFY2(zero.code() == 0, qPrintable(zero.errors()));
        QVERIFY2(one.code() == 0, qPrintable(one.errors()));
    }

    void environmentOfALauncher_isNothingToOtherRuns() {
        RankProcess threads(settings(2) + QStringList{"--set", "run_on=threads"}, {"RANK=5", "WORLD_SIZE=x"});
        QVERIFY2(threads.code() == 0, qPrintable(threads.errors()));
    }

    void wrongInput_isToldWithWhatIsAllowed_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QStringList>("variables");
        QTest::addColumn<QString>("says");
        const QStringList none;
        const auto row = [&](const char* name, const QStringList& arguments, const QStringList& variables,
                             const char* says) {
            QTest::newRow(name) << arguments << variables << QString(says);
        };
        row("rank too high", onGloo(2) + place(2, 2, "1"), none, "--rank: 2, expected 0 to 1");
        row("rank below 0", onGloo(2) + place(-1, 2, "1"), none, "--rank: -1, expected 0 to 1");
        row("world of another size", onGloo(2) + place(0, 3, "1"), none,
            "--world: 3, expected 2, the run's workers");
        row("no rank", onGloo(2) + QStringList{"--world", "2", "--master", "127.0.0.1:1"}, none,
            "--rank: missing");
        row("no world", onGloo(2) + QStringList{"--rank", "0", "--master", "127.0.0.1:1"}, none,
            "--world: missing");
        row("no master", onGloo(2) + QStringList{"--rank", "0", "--world", "2"}, none, "--master: missing");
        row("master without a port",
            onGloo(2) + QStringList{"--rank", "0", "--world", "2", "--master", "127.0.0.1"}, none,
            "expected HOST:PORT");
        row("rank 0 elsewhere",
            onGloo(2) + QStringList{"--rank", "0", "--world", "2", "--master", "192.0.2.1:29500"}, none,
            "192.0.2.1, expected an address of this machine");
        row("no number in the environment", onGloo(2), {"RANK=first", "WORLD_SIZE=2"},
            "RANK: \"first\" in the environment, expected a number");
        row("half an environment", onGloo(2), {"RANK=0", "WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1"},
            "MASTER_ADDR and MASTER_PORT");
        row("a sweep", onGloo(2) + place(0, 2, "1") + QStringList{"--sweep", "seed=1,2"}, none,
            "expected without --sweep");
        row("not over Gloo", settings(2) + QStringList{"--set", "run_on=threads"} + place(0, 2, "1"), none,
            "expected only with run_on gloo");
    }
    void wrongInput_isToldWithWhatIsAllowed() {
        QFETCH(QStringList, arguments);
        QFETCH(QStringList, variables);
        QFETCH(QString, says);
        RankProcess process(arguments, variables);
        QCOMPARE(process.code(), 2);
        QVERIFY2(process.errors().contains(says), qPrintable(process.errors()));
    }

    void masterThatDoesNotAnswer_isToldAfterTheDeadline() {
        const QString port = freePort();
        RankProcess one(onGloo(2) +
                        QStringList{"--rank", "1", "--world", "2", "--master", "127.0.0.1:" + port} +
                        QStringList{"--within", "1"});
        QCOMPARE(one.code(), 1);
        QVERIFY2(one.errors().contains("nobody listens at 127.0.0.1:" + port), qPrintable(one.errors()));
    }

    void ranksThatDoNotCome_areNamed() {
        RankProcess zero(onGloo(4) +
                         QStringList{"--rank", "0", "--world", "4", "--master", "127.0.0.1:" + freePort()} +
                         QStringList{"--within", "2"});
        QCOMPARE(zero.code(), 1);
        QVERIFY2(zero.errors().contains("ranks 1, 2 and 3 have not come within 2 s"),
                 qPrintable(zero.errors()));
    }

    void sameRankTwice_isRefusedAndTheOthersGoOn() {
        const QString port = freePort();
        RankProcess zero(onGloo(3) + place(0, 3, port)), one(onGloo(3) + place(1, 3, port));
        QVERIFY2(one.says("joined as rank-1"), qPrintable(one.errors()));
        RankProcess again(onGloo(3) + place(1, 3, port));
        QCOMPARE(again.code(), 2);
        QVERIFY2(again.errors().contains("--rank: 1, expected another one"), qPrintable(again.errors()));
        RankProcess two(onGloo(3) + place(2, 3, port));
        QVERIFY2(zero.code() == 0, qPrintable(zero.errors()));
        QVERIFY2(one.code() == 0, qPrintable(one.errors()));
        QVERIFY2(two.code() == 0, qPrintable(two.errors()));
    }

    void otherSettings_areRefusedWithTheFirstDifference() {
        const QString port = freePort();
        RankProcess zero(onGloo(2) + place(0, 2, port));
        RankProcess other(onGloo(2) + QStringList{"--set", "seed=99"} + place(1, 2, port));
        QCOMPARE(other.code(), 2);
        QVERIFY2(other.errors().contains("\"seed\": 99, expected rank 0's"), qPrintable(other.errors()));
        RankProcess one(onGloo(2) + place(1, 2, port));
        QVERIFY2(zero.code() == 0, qPrintable(zero.errors()));
        QVERIFY2(one.code() == 0, qPrintable(one.errors()));
    }
};

QTEST_GUILESS_MAIN(TestGlooRanks)
#include "tst_gloo_ranks.moc"
