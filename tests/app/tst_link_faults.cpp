// Links that fail while ranks are processes: by the settings, and by somebody's click.
#include <QtTest>

#include "engine/config/run_spec_json.h"
#include "engine/control/control.h"
#include "engine/events/recording.h"
#include "tests/support/programs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

QStringList run(const QString& faults, const QStringList& more = {}) {
    return QStringList{"run",   kRuns + "welcome.json",
                       "--set", "workers=2",
                       "--set", "data.train=600",
                       "--set", "data.test=100",
                       "--set", "evaluate_every=0",
                       "--set", "stop={\"steps\":8}",
                       "--set", R"(model={"kind":"mlp","hidden":[20]})",
                       "--set", "run_on=processes",
                       "--set", "faults=" + faults,
                       "--json"} +
           more;
}

}  // namespace

class TestLinkFaults : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void linkCutForAWhile_holdsTheRunUp_andChangesNothingElse_data() {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<QString>("algorithm");
        const QString ring = R"({"kind":"all_reduce"})", server = R"({"kind":"parameter_server"})";
        QTest::newRow("from a step on")
            << R"([{"kind":"cut_link","worker":1,"peer":0,"at_step":3,"for_seconds":0.7}])" << ring;
        QTest::newRow("from a second on")
            << R"([{"kind":"cut_link","worker":0,"peer":1,"at_second":0,"for_seconds":0.7}])" << ring;
        QTest::newRow("to a server")
            << R"([{"kind":"cut_link","worker":1,"peer":2,"at_step":3,"for_seconds":0.7}])" << server;
    }
    void linkCutForAWhile_holdsTheRunUp_andChangesNothingElse() {
        QFETCH(QString, fault);
        QFETCH(QString, algorithm);
        const QTemporaryDir folder;
        const QString recording = folder.filePath("run.rondo");
        const QStringList other{"--set", "algorithm=" + algorithm};
        const Outcome cut = call(run(fault, other + QStringList{"--record", recording}));
        QVERIFY2(cut.code == 0, qPrintable(cut.err));
        // Of one that was there before the first step some may have passed by then.
        if (fault.contains("at_step")) QVERIFY(cut.json()["seconds"].toDouble() >= 0.7);
        QCOMPARE(cut.json()["weights_sha256"], call(run("[]", other)).json()["weights_sha256"]);
        // Nothing crosses the link meanwhile.
        const auto read = readRecording(recording.toStdString());
        QVERIFY(read);
        std::optional<FaultHappened> told;
        for (const Event& event : read->events)
            if (const auto* happened = std::get_if<FaultHappened>(&event)) told = *happened;
        QVERIFY(told && told->kind == FaultKind::CutLink && told->seconds == 0.7);
        const Nanoseconds begin = told->stamp.at, end = begin + std::chrono::milliseconds(700);
        int after = 0;
        for (const Event& event : read->events) {
            const auto* message = std::get_if<Message>(&event);
            if (!message ||
                std::minmax(message->from, message->to) != std::minmax(told->stamp.rank, told->peer))
                continue;
            QVERIFY2(message->begin < begin || message->begin >= end,
                     std::to_string(message->begin.count()).c_str());
            QVERIFY(message->stamp.at >= message->begin);
            after += message->begin >= end;
        }
        QVERIFY(after > 0);
    }

    void linkCutForGood_endsTheRunWithTheReason() {
        const Outcome cut = call(run(R"([{"kind":"cut_link","worker":1,"peer":0,"at_step":3}])"));
        QCOMPARE(cut.code, 1);
        QCOMPARE(cut.json()["status"].toString(), QString("failed"));
        QVERIFY2(cut.json()["error"].toString().contains("cut for good"),
                 qPrintable(cut.json()["error"].toString()));
    }

    void degradedLink_slowsAShapedOne() {
        const QStringList shaped{"--set", "cluster.shaped=true",      "--set", "cluster.link.latency_us=4000",
                                 "--set", "cluster.link.gbit_per_s=1"};
        const Outcome usual = call(run("[]", shaped));
        const Outcome slow =
            call(run(R"([{"kind":"degrade_link","worker":0,"peer":1,"at_step":0,"factor":8}])", shaped));
        QVERIFY2(usual.code == 0 && slow.code == 0, qPrintable(slow.err));
        QCOMPARE(slow.json()["weights_sha256"], usual.json()["weights_sha256"]);
        // 8 steps of at least two messages one after the other, 28 ms longer each.
        QVERIFY(slow.json()["seconds"].toDouble() >= usual.json()["seconds"].toDouble() + 0.3);
    }

    void whatNoRealLinkCanDo_isRefused_data() {
        QTest::addColumn<QStringList>("settings");
        QTest::addColumn<QString>("said");
        QTest::newRow("degrade a link as fast as it is")
            << QStringList{"run_on=processes",
                           R"(faults=[{"kind":"degrade_link","worker":0,"peer":1,"at_step":1}])"}
            << "faults.0.kind: degrade_link, expected another one unless run_on is virtual or cluster.shaped";
        QTest::newRow("cut a link of Gloo")
            << QStringList{"run_on=gloo", R"(faults=[{"kind":"cut_link","worker":0,"peer":1,"at_step":1}])"}
            << "faults.0.kind: cut_link, expected another one unless run_on is virtual, processes or lab";
    }
    void whatNoRealLinkCanDo_isRefused() {
        QFETCH(QStringList, settings);
        QFETCH(QString, said);
        QStringList arguments{"run", kRuns + "welcome.json"};
        for (const QString& setting : settings) arguments << "--set" << setting;
        const Outcome outcome = call(arguments);
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(said), qPrintable(outcome.err));
    }

    // As the window asks for it, in a run that would go on for a long time.
    void somebodysClick_cutsARealLink() {
        QProcess engine;
        engine.start(kCli, {"engine"});
        BlockReader reader;
        std::vector<Event> all;
        const auto until = [&](const std::function<bool(const Event&)>& is) {
            QElapsedTimer clock;
            clock.start();
            for (;;) {
                for (const Event& event : all)
                    if (is(event)) return true;
                if (clock.elapsed() > 60'000) return false;
                if (engine.bytesAvailable() == 0) engine.waitForReadyRead(500);
                const QByteArray bytes = engine.readAllStandardOutput();
                std::vector<Event> events;
                reader.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())}, events);
                all.insert(all.end(), events.begin(), events.end());
            }
        };
        const auto say = [&](const ControlCommand& command) {
            engine.write((toLine(command) + "\n").c_str());
            engine.waitForBytesWritten();
        };
        RunSpec spec;
        spec.runOn = RunOn::Processes;
        spec.workers = 2;
        spec.data = DigitsData{.train = 600, .test = 100};
        spec.model = MlpModel{.hidden = {20}};
        spec.stop.steps = 1'000'000;
        say(StartRun{toText(spec), ""});
        QVERIFY(until([](const Event& event) { return std::holds_alternative<StepCompleted>(event); }));
        FaultSpec cut;
        cut.kind = FaultKind::CutLink;
        cut.worker = 0;
        cut.peer = 1;
        say(InjectFault{cut});
        QVERIFY(until([](const Event& event) {
            const auto* fault = std::get_if<FaultHappened>(&event);
            return fault && fault->kind == FaultKind::CutLink && fault->peer == Rank{1};
        }));
        QVERIFY(until([](const Event& event) {
            const auto* end = std::get_if<RunEnded>(&event);
            return end && end->state == RunState::Failed &&
                   end->report.find("cut for good") != std::string::npos;
        }));
        engine.kill();
        engine.waitForFinished();
    }
};

QTEST_GUILESS_MAIN(TestLinkFaults)
#include "tst_link_faults.moc"
