// The controller against a training process of our own: this very program, started with --fake-engine.
#include <signal.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <iostream>

#include "engine/control/control.h"
#include "tests/support/made_events.h"
#include "ui/bridge/run_controller.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

/// Writes events as the training process does, one block a call.
void tell(const std::vector<Event>& events) {
    BlockWriter writer;
    for (const Event& event : events) writer.add(event);
    std::cout << writer.takeBlock() << std::flush;
}

RunStateChanged stateOf(RunState state) {
    RunStateChanged changed;
    changed.state = state;
    return changed;
}

RunEnded failedBefore(const char* why) {
    RunEnded ended;
    ended.state = RunState::Failed;
    ended.report = std::string(R"({"status":"failed","error":")") + why + "\"}";
    return ended;
}

/// `garbage` answers a run with noise; `refuse` fails it; `short` finishes it; `late` does so and then still
/// tells of a pause; `bare` ends it without a report; `preparing` needs a SetSpeed of 0.5 to begin;
/// anything else goes on until Stop.
int fakeEngine(const std::string& mode) {
    std::cout << BlockWriter::header() << std::flush;
    bool begun = mode != "preparing", pauses = false;
    for (std::string line; std::getline(std::cin, line);) {
        const auto command = parseCommand(line);
        if (!command) return 3;
        if (std::holds_alternative<Quit>(*command)) return 0;
        if (std::holds_alternative<StartRun>(*command)) {
            if (mode == "garbage") {
                tell(test::madeRun(4, false));
                std::cout << std::string(256, '\xee') << std::flush;
            } else if (mode == "refuse") {
                std::ofstream(std::get<StartRun>(*command).recordFile) << "RONDO";
                tell({stateOf(RunState::Preparing), failedBefore("data.path: /nowhere, no such folder")});
            } else if (mode == "bare") {
                std::vector<Event> events = test::madeRun(4);
                std::get<RunEnded>(events.back()).report.clear();
                tell(events);
            } else if (mode == "preparing") {
                tell({stateOf(RunState::Preparing)});
            } else {
                tell(test::madeRun(4, mode == "short" || mode == "late"));
                if (mode == "late") tell({stateOf(RunState::Paused)});
            }
        } else if (const auto* speed = std::get_if<SetSpeed>(&*command); speed && !begun) {
            begun = speed->factor == 0.5;
            if (begun) tell({test::madeRun(1)[0], stateOf(pauses ? RunState::Paused : RunState::Running)});
        } else if (std::holds_alternative<PauseRun>(*command) || std::holds_alternative<StepRun>(*command)) {
            pauses = true;
            if (begun) tell({stateOf(RunState::Paused)});
        } else if (std::holds_alternative<ResumeRun>(*command)) {
            pauses = false;
            if (begun) tell({stateOf(RunState::Running)});
        } else if (const auto* inject = std::get_if<InjectFault>(&*command)) {
            FaultHappened struck;
            struck.kind = inject->fault.kind;
            struck.stamp.rank = Rank{static_cast<std::int32_t>(inject->fault.worker)};
            tell({struck});
        } else if (std::holds_alternative<StopRun>(*command) && mode != "stubborn") {
            RunEnded ended;
            ended.state = RunState::Stopped;
            ended.report = R"({"status":"stopped"})";
            tell({ended});
        }
    }
    return 0;
}

EngineProcess::Program fake(const char* mode) {
    return {QCoreApplication::applicationFilePath(), {QStringLiteral("--fake-engine"), QLatin1String(mode)}};
}

using State = RunController::State;

}  // namespace

class TestRunController final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }

    void run_reachesTheStoreAndEndsIdle() {
        RunStore store;
        RunController controller(store, fake("short"), folder_->path());
        QSignalSpy ended(&controller, &RunController::runEnded);
        controller.run(RunSpec{});
        QCOMPARE(controller.state(), State::Preparing);
        QTRY_COMPARE(ended.count(), 1);
        QCOMPARE(controller.state(), State::Idle);
        QCOMPARE(store.steps().size(), std::size_t(4));
        QVERIFY(!store.report().isEmpty());
        QVERIFY(controller.recordingFile().startsWith(folder_->path()));
    }

    void pauseResumeStop_followWhatTheProcessTells() {
        RunStore store;
        RunController controller(store, fake("endless"), folder_->path());
        controller.run(RunSpec{});
        QTRY_COMPARE(controller.state(), State::Running);
        controller.pause();
        QTRY_COMPARE(controller.state(), State::Paused);
        controller.resume();
        QTRY_COMPARE(controller.state(), State::Running);
        controller.stop();
        QCOMPARE(controller.state(), State::Stopping);
        QTRY_COMPARE(controller.state(), State::Idle);
    }

    void injectedFault_reachesTheRun() {
        RunStore store;
        RunController controller(store, fake("endless"), folder_->path());
        FaultSpec fault;
        fault.kind = FaultKind::Pause;
        fault.worker = 2;
        fault.forSeconds = 1;
        controller.injectFault(fault);  // nothing is under way
        controller.run(RunSpec{});
        QTRY_COMPARE(controller.state(), State::Running);
        QVERIFY(store.faults().empty());
        controller.injectFault(fault);
        QTRY_COMPARE(store.faults().size(), std::size_t(1));
        QCOMPARE(store.faults()[0].kind, FaultKind::Pause);
        QCOMPARE(store.faults()[0].stamp.rank, Rank{2});
    }

    void pausedWhilePreparing_isPausedOnceItIsThere() {
        RunStore store;
        RunController controller(store, fake("preparing"), folder_->path());
        controller.run(RunSpec{});
        controller.pause();
        QVERIFY(controller.willPause());
        controller.setSpeed(0.5);
        QTRY_COMPARE(controller.state(), State::Paused);
        controller.resume();
        QTRY_COMPARE(controller.state(), State::Running);
    }

    void pausedAndResumedWhilePreparing_runs() {
        RunStore store;
        RunController controller(store, fake("preparing"), folder_->path());
        controller.run(RunSpec{});
        controller.pause();
        controller.resume();
        QVERIFY(!controller.willPause());
        controller.setSpeed(0.5);
        QTRY_COMPARE(controller.state(), State::Running);
    }

    void stepWhenIdle_makesOneStepAndStands() {
        RunStore store;
        RunController controller(store, fake("preparing"), folder_->path());
        controller.step(RunSpec{});
        QCOMPARE(controller.state(), State::Preparing);
        QVERIFY(controller.willPause());
        controller.setSpeed(0.5);
        QTRY_COMPARE(controller.state(), State::Paused);
    }

    void endWithoutAReport_endsTheRunToo() {
        RunStore store;
        RunController controller(store, fake("bare"), folder_->path());
        controller.run(RunSpec{});
        QTRY_COMPARE(controller.state(), State::Idle);
        QVERIFY(store.ended() && store.report().isEmpty());
    }

    void pauseThatCrossedTheEnd_isIgnored() {
        RunStore store;
        RunController controller(store, fake("late"), folder_->path());
        controller.run(RunSpec{});
        const auto whole = static_cast<quint64>(test::madeRun(4).size());
        QTRY_COMPARE(store.eventsSeen(), whole + 1);
        QCOMPARE(store.state(), RunState::Finished);
        QCOMPARE(controller.state(), State::Idle);
    }

    void secondStop_endsAProcessThatDoesNotAnswer() {
        RunStore store;
        RunController controller(store, fake("stubborn"), folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        controller.run(RunSpec{});
        QTRY_COMPARE(controller.state(), State::Running);
        controller.stop();
        controller.stop();
        QTRY_COMPARE(controller.state(), State::Idle);
        QVERIFY(messages.last()[1].toString().contains("ended at once"));
    }

    void killedProcess_keepsWhatArrivedAndIsStartedAgain() {
        RunStore store;
        RunController controller(store, fake("endless"), folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        controller.run(RunSpec{});
        QTRY_COMPARE(store.steps().size(), std::size_t(4));
        const qint64 pid = controller.enginePid();
        ::kill(static_cast<pid_t>(pid), SIGKILL);
        QTRY_COMPARE(controller.state(), State::Idle);
        QCOMPARE(store.steps().size(), std::size_t(4));
        QVERIFY(store.interrupted());
        QVERIFY(messages[0][1].toString().contains("The training process ended (signal 9"));
        QTRY_VERIFY(controller.enginePid() != 0 && controller.enginePid() != pid);
        controller.run(RunSpec{});
        QTRY_COMPARE(controller.state(), State::Running);
    }

    void malformedBytes_areAMessageAndTheNextRunWorks() {
        RunStore store;
        RunController controller(store, fake("garbage"), folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        controller.run(RunSpec{});
        QTRY_COMPARE(messages.count(), 1);
        QVERIFY(messages[0][1].toString().contains("can't be read"));
        QTRY_COMPARE(controller.state(), State::Idle);
        QCOMPARE(store.steps().size(), std::size_t(4));
        QCOMPARE(messages.count(), 1);  // not a second one for the process it ended itself
    }

    void failedRun_tellsWhyInWords() {
        RunStore store;
        RunController controller(store, fake("refuse"), folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        controller.run(RunSpec{});
        QTRY_COMPARE(controller.state(), State::Idle);
        QCOMPARE(messages.count(), 1);
        QVERIFY(messages[0][1].toString().contains("data.path: /nowhere, no such folder"));
    }

    void failedBeforeItBegan_leavesNothingToShowOrOpen() {
        RunStore store;
        RunController controller(store, fake("refuse"), folder_->path());
        controller.run(RunSpec{});
        QTRY_COMPARE(controller.state(), State::Idle);
        QVERIFY(store.ended() && !store.hasRun());
        QCOMPARE(controller.source(), RunController::Source::None);
        QVERIFY(controller.recordingFile().isEmpty() && !controller.canReplay());
        QVERIFY(controller.recordings().newestFirst().isEmpty());
    }

    void recordingWithoutARun_isRefusedWithItsReason() {
        const QString file = write(
            "failed.rondo", test::streamOf({stateOf(RunState::Preparing), failedBefore("no such folder")}));
        RunStore store;
        RunController controller(store, fake("short"), folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        QSignalSpy refused(&controller, &RunController::recordingRefused);
        controller.openRecording(file);
        QTRY_COMPARE(refused.count(), 1);
        QVERIFY(messages[0][1].toString().contains("no such folder"));
        QCOMPARE(controller.source(), RunController::Source::None);
    }

    void runOrClear_dropsARecordingThatIsStillRead_data() {
        QTest::addColumn<bool>("run");
        QTest::newRow("run") << true;
        QTest::newRow("clear") << false;
    }
    void runOrClear_dropsARecordingThatIsStillRead() {
        QFETCH(bool, run);
        const QString file = write("whole.rondo", test::streamOf(test::madeRun(20)));
        const QString longer = write("longer.rondo", test::streamOf(test::madeRun(2000)));
        RunStore store;
        RunController controller(store, fake("short"), folder_->path());
        QSignalSpy opened(&controller, &RunController::recordingOpened);
        controller.openRecording(file);
        run ? controller.run(RunSpec{}) : controller.clear();
        if (run) QTRY_COMPARE(controller.state(), State::Idle);
        RecordingLoader later;  // begun later, with more to read: the one before is through by then
        QSignalSpy loaded(&later, &RecordingLoader::loaded);
        later.load(longer);
        QTRY_COMPARE(loaded.count(), 1);
        QCOMPARE(opened.count(), 0);
        QCOMPARE(controller.source(), run ? RunController::Source::Live : RunController::Source::None);
    }

    void missingProgram_isAMessageAndGivenUp() {
        RunStore store;
        RunController controller(store, {folder_->filePath("nothing-here")}, folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        controller.run(RunSpec{});
        QTRY_VERIFY(!messages.isEmpty() && messages.last()[1].toString().contains("can't be kept running"));
        QCOMPARE(controller.state(), State::Idle);
    }

    void recording_isShownWholeThenPlayedAndStepped() {
        const QString file = write("whole.rondo", test::streamOf(test::madeRun(20)));
        RunStore store;
        RunController controller(store, fake("short"), folder_->path());
        controller.openRecording(file);
        QTRY_COMPARE(store.steps().size(), std::size_t(20));
        QCOMPARE(controller.source(), RunController::Source::Replay);
        QCOMPARE(controller.state(), State::Idle);
        controller.setSpeed(0.001);
        controller.reset();
        QTRY_VERIFY(store.steps().empty() && store.hasRun());
        controller.step({});
        QTRY_COMPARE(store.steps().size(), std::size_t(1));
        controller.step({});
        QTRY_COMPARE(store.steps().size(), std::size_t(2));
        QCOMPARE(controller.state(), State::Paused);
        controller.resume();
        QCOMPARE(controller.state(), State::Running);
        QVERIFY(controller.slowed());
        controller.pause();
        QCOMPARE(controller.state(), State::Paused);
        controller.setSpeed(0);
        controller.resume();
        QTRY_COMPARE(store.steps().size(), std::size_t(20));
        QCOMPARE(controller.state(), State::Idle);
        QVERIFY(store.over() && !store.interrupted());
    }

    void cutRecording_opensUpToTheCutAndSaysSo() {
        const std::string whole = test::streamOf(test::madeRun(20));
        const QString file = write("cut.rondo", whole.substr(0, whole.size() - 9));
        RunStore store;
        RunController controller(store, fake("short"), folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        controller.openRecording(file);
        QTRY_COMPARE(messages.count(), 1);
        QVERIFY(messages[0][1].toString().contains("ends early"));
        QTRY_VERIFY(store.steps().size() >= 15 && store.steps().size() <= 20);
        QVERIFY(store.interrupted());
    }

    void notARecording_isAMessage() {
        const QString file = write("text.rondo", "hello");
        RunStore store;
        RunController controller(store, fake("short"), folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        controller.openRecording(file);
        QTRY_COMPARE(messages.count(), 1);
        QVERIFY(messages[0][1].toString().startsWith("text.rondo can't be opened"));
    }

    void recordingsFolder_keepsTheNewest() {
        const RecordingsFolder folder(folder_->path());
        for (int i = 0; i < RecordingsFolder::kKept + 5; ++i) write(QStringLiteral("%1.rondo").arg(i), "x");
        const QString next = folder.newFile(QStringLiteral("A/B: run"));
        QVERIFY(next.endsWith(".rondo") && !QFileInfo(next).fileName().contains('/'));
        QCOMPARE(folder.newestFirst().size(), RecordingsFolder::kKept - 1);
    }

  private:
    QString write(const QString& name, const std::string& bytes) {
        QFile file(folder_->filePath(name));
        if (file.open(QIODevice::WriteOnly)) file.write(bytes.data(), static_cast<qint64>(bytes.size()));
        return file.fileName();
    }
    std::unique_ptr<QTemporaryDir> folder_;
};

int main(int argc, char** argv) {
    if (argc == 3 && std::string(argv[1]) == "--fake-engine") return fakeEngine(argv[2]);
    QCoreApplication application(argc, argv);
    TestRunController test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_run_controller.moc"
