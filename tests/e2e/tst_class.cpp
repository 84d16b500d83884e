// A class as it is: a host, machines that join it, a window's controller that watches; and the desktop's
// command line, as a person types it.
#include <signal.h>

#include "tests/support/programs.h"
#include "ui/bridge/join_process.h"
#include "ui/bridge/run_controller.h"

using namespace rondo;
using namespace rondo::ui;
using namespace rondo::test;
using State = JoinProcess::State;

namespace {

const QStringList kShort{"--set", "workers=1", "--set", "stop={\"steps\":12}", "--set", "data.train=600"};
const QStringList kLong{"--set", "workers=1",      "--set", "stop={\"steps\":100000}",
                        "--set", "data.train=600", "--set", "data.test=100"};
constexpr int kPatience = 60'000;

JoinPlace placeOf(const HostProgram& host, const QString& name = {}) {
    return {host.url, host.code6, {}, name};
}

}  // namespace

class TestClass final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void workerAndViewer_takePartFromBeginningToEnd() {
        const QTemporaryDir folder;
        HostProgram host(kShort, {"--quiet"});
        RunStore store;
        RunController controller(store, {kCli}, folder.path());
        JoinProcess worker(JoinProcess::Role::Worker, kCli);
        QSignalSpy ended(&controller, &RunController::runEnded);
        QSignalSpy news(&worker, &JoinProcess::changed);
        bool trained = false;
        connect(&worker, &JoinProcess::changed, this, [&] { trained = trained || worker.part(); });
        controller.watch(placeOf(host));
        QTRY_COMPARE_WITH_TIMEOUT(controller.watcher().state(), State::Joined, kPatience);
        worker.join(placeOf(host, "desk 7"));
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        QCOMPARE(store.state(), RunState::Finished);
        QCOMPARE(store.steps().size(), std::size_t(12));
        QVERIFY(!store.report().isEmpty());
        QVERIFY(trained);
        QCOMPARE(worker.name(), QString("desk 7"));
        QCOMPARE(host.code(), 0);
        QTRY_VERIFY_WITH_TIMEOUT(worker.away() && controller.watcher().away(), kPatience);
        QVERIFY2(worker.endedWell(), qPrintable(worker.whyAway()));
        QVERIFY2(controller.watcher().endedWell(), qPrintable(controller.watcher().whyAway()));
    }

    void wrongCode_isRefusedInWords() {
        HostProgram host(kShort, {"--quiet"});
        JoinProcess viewer(JoinProcess::Role::Viewer, kCli), worker(JoinProcess::Role::Worker, kCli);
        JoinPlace place = placeOf(host);
        place.code = host.code6 == "222-222" ? "333-333" : "222-222";
        for (JoinProcess* stranger : {&viewer, &worker}) {
            stranger->join(place);
            QTRY_VERIFY_WITH_TIMEOUT(stranger->away(), kPatience);
            QVERIFY2(stranger->whyAway().contains("code"), qPrintable(stranger->whyAway()));
            QVERIFY(!stranger->endedWell());
        }
    }

    void nobodyThere_isToldInWords() {
        JoinProcess viewer(JoinProcess::Role::Viewer, kCli);
        viewer.join({"ws://127.0.0.1:1", "K7M-Q2X", {}, {}});
        QTRY_VERIFY_WITH_TIMEOUT(viewer.away(), kPatience);
        QVERIFY2(viewer.whyAway().contains("nobody listens there"), qPrintable(viewer.whyAway()));
    }

    void addressThatIsNone_isToldInWords() {
        JoinProcess viewer(JoinProcess::Role::Viewer, kCli);
        viewer.join({"ws://127.0.0.1:many", "K7M-Q2X", {}, {}});
        QTRY_VERIFY_WITH_TIMEOUT(viewer.away(), kPatience);
        QVERIFY2(viewer.whyAway().contains("is no port"), qPrintable(viewer.whyAway()));
    }

    void hostKilledInTheMiddle_isALostConnection() {
        const QTemporaryDir folder;
        HostProgram host(kLong, {"--quiet"});
        RunStore store;
        RunController controller(store, {kCli}, folder.path());
        JoinProcess worker(JoinProcess::Role::Worker, kCli);
        controller.watch(placeOf(host));
        worker.join(placeOf(host, "desk 7"));
        QTRY_VERIFY_WITH_TIMEOUT(!store.steps().empty() && worker.part(), kPatience);
        ::kill(static_cast<pid_t>(host.processId()), SIGKILL);
        QTRY_COMPARE_WITH_TIMEOUT(controller.watcher().state(), State::Lost, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(worker.state(), State::Lost, kPatience);
        QVERIFY(store.interrupted());
        QVERIFY(!controller.watcher().whyLost().isEmpty() && !worker.whyLost().isEmpty());
        controller.stop();
        worker.leave();
    }

    void leavingWorker_hasLeftForTheHost() {
        HostProgram host(kLong, {"--quiet"});
        JoinProcess worker(JoinProcess::Role::Worker, kCli);
        worker.join(placeOf(host, "desk 7"));
        QTRY_VERIFY_WITH_TIMEOUT(worker.part(), kPatience);
        worker.leave();
        QByteArray said;
        QTRY_VERIFY_WITH_TIMEOUT((said += host.readAllStandardError()).contains("desk 7: left"), kPatience);
        host.kill();
    }

    // rondo, from a terminal.

    void optionsThatMakeNoSense_areRefusedWithTheReason_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const QStringList& arguments, const char* reason) {
            QTest::newRow(name) << arguments << QString(reason);
        };
        row("code alone", {"--code", "K7M-Q2X"}, "--code: of which class?");
        row("name alone", {"--name", "desk 7"}, "--name: of which class?");
        row("no code", {"--watch", "ws://host"}, "--watch needs --code");
        row("no code to join", {"--join", "ws://host"}, "--join needs --code");
        row("bad code", {"--join", "ws://host", "--code", "K7M-0"}, "no code has a 0 in it");
        row("two classes", {"--join", "ws://a", "--watch", "ws://b", "--code", "K7M-Q2X"},
            "must name the same address");
        row("file too", {"--watch", "ws://a", "--code", "K7M-Q2X", kRuns + "welcome.json"},
            "either a class or");
        row("start too", {"--watch", "ws://a", "--code", "K7M-Q2X", "--start"}, "--watch and --start");
        row("viewer's name", {"--watch", "ws://a", "--code", "K7M-Q2X", "--name", "x"},
            "expected with --join");
        row("fingerprint of ws", {"--join", "ws://a", "--code", "K7M-Q2X", "--fingerprint", "ab"},
            "begins with wss://");
        row("no number", {"--watch"}, "--watch");
    }
    void optionsThatMakeNoSense_areRefusedWithTheReason() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, reason);
        QProcess rondo;
        rondo.start(QStringLiteral(RONDO_BINARIES "/rondo"), arguments);
        QVERIFY(rondo.waitForFinished(kPatience));
        const QString said = QString::fromUtf8(rondo.readAllStandardError());
        QCOMPARE(rondo.exitCode(), 2);
        QVERIFY2(said.contains(reason), qPrintable(said));
    }

    void windowWatchesWhatTheCommandLineNames_andShowsItsCodeToNobody() {
        const QTemporaryDir folder;
        HostProgram host(kShort, {"--quiet"});
        QProcess rondo;
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert("XDG_CONFIG_HOME", folder.filePath("config"));
        environment.insert("XDG_DATA_HOME", folder.filePath("data"));
        environment.insert("QT_QPA_PLATFORM", "offscreen");
        rondo.setProcessEnvironment(environment);
        rondo.start(QStringLiteral(RONDO_BINARIES "/rondo"),
                    {"--join", host.url, "--watch", host.url, "--code", host.code6, "--name", "desk 7"});
        // Once its children are there, with arguments of their own.
        QTRY_COMPARE_WITH_TIMEOUT(seen(rondo.processId()).count("--leave-on-eof"), 2, kPatience);
        for (const QByteArray& arguments : seen(rondo.processId()).split('\n'))
            QVERIFY2(!arguments.contains(host.code6.toUtf8()), arguments);
        QCOMPARE(host.code(), 0);
        rondo.kill();
        rondo.waitForFinished();
    }

  private:
    /// What `ps` would show of a process and of its children, a line each.
    static QByteArray seen(qint64 pid) {
        QByteArray lines = arguments(QString::number(pid));
        QFile children(QStringLiteral("/proc/%1/task/%1/children").arg(pid));
        if (!children.open(QIODevice::ReadOnly)) return lines;
        for (const QByteArray& child : children.readAll().simplified().split(' '))
            lines += '\n' + arguments(QString::fromLatin1(child));
        return lines;
    }
    static QByteArray arguments(const QString& pid) {
        QFile file(QStringLiteral("/proc/%1/cmdline").arg(pid));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
};

QTEST_GUILESS_MAIN(TestClass)
#include "tst_class.moc"
