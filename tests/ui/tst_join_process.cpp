// A class joined and watched through a child of our own: this very program, called as rondo-cli would be.
#include <signal.h>

#include <QCoreApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/fake_class.h"
#include "ui/bridge/join_process.h"
#include "ui/bridge/run_controller.h"

using namespace rondo;
using namespace rondo::ui;
using State = JoinProcess::State;

namespace {

QString self() {
    return QCoreApplication::applicationFilePath();
}

JoinPlace at(const QString& address) {
    return {address, QStringLiteral("K7M-Q2X"), {}, {}};
}

}  // namespace

class TestJoinProcess final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }

    // The child.

    void code_travelsWhereNobodyElseSeesIt() {
        JoinProcess joined(JoinProcess::Role::Worker, self());
        joined.join(at("good"));
        QCOMPARE(joined.state(), State::Dialling);
        QTRY_COMPARE(joined.state(), State::Joined);
        QCOMPARE(joined.name(), QString("K7M-Q2X"));
        joined.join(at("arguments"));
        QTRY_COMPARE(joined.state(), State::Joined);
        QVERIFY2(joined.name().contains("--code -"), qPrintable(joined.name()));
        QVERIFY(!joined.name().contains("K7M"));
    }

    void nameAndFingerprint_arePassedOn() {
        JoinProcess joined(JoinProcess::Role::Worker, self());
        joined.join({"arguments", "K7M-Q2X", "abcd", "desk 7"});
        QTRY_COMPARE(joined.state(), State::Joined);
        QVERIFY2(joined.name().contains("--name desk 7 "), qPrintable(joined.name()));
        QVERIFY2(joined.name().contains("--fingerprint abcd "), qPrintable(joined.name()));
    }

    void part_isToldWhileItTrains() {
        JoinProcess worker(JoinProcess::Role::Worker, self());
        worker.join(at("train"));
        QTRY_VERIFY(worker.part());
        QCOMPARE(worker.part()->rank, 2);
        QCOMPARE(worker.part()->workers, 4);
        QCOMPARE(worker.part()->run, QString("Welcome"));
        worker.leave();
        QVERIFY(!worker.part());
    }

    void refusal_isToldInTheHostsWords_data() {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("why");
        QTest::newRow("wrong code") << "wrong"
                                    << "wrong code";
        QTest::newRow("bad input") << "bad"
                                   << "--join: bad: no machine named; expected ws://HOST:PORT";
        QTest::newRow("sent away") << "removed"
                                   << "the host has sent it away";
        QTest::newRow("killed") << "crash"
                                << "The program that trains for the class ended (signal 9, killed).";
    }
    void refusal_isToldInTheHostsWords() {
        QFETCH(QString, address);
        QFETCH(QString, why);
        JoinProcess worker(JoinProcess::Role::Worker, self());
        worker.join(at(address));
        QTRY_COMPARE(worker.state(), State::Away);
        QCOMPARE(worker.whyAway(), why);
        QVERIFY(!worker.endedWell());
        worker.join(at("good"));  // and again
        QTRY_COMPARE(worker.state(), State::Joined);
    }

    void missingProgram_isToldInWords() {
        JoinProcess worker(JoinProcess::Role::Worker, folder_->filePath("nothing-here"));
        worker.join(at("good"));
        QTRY_COMPARE(worker.state(), State::Away);
        QVERIFY2(worker.whyAway().startsWith("The program that trains for the class ended ("),
                 qPrintable(worker.whyAway()));
    }

    void leaving_endsTheChild() {
        JoinProcess worker(JoinProcess::Role::Worker, self());
        worker.join(at("good"));
        QTRY_COMPARE(worker.state(), State::Joined);
        const auto pid = static_cast<pid_t>(worker.pid());
        worker.leave();
        QCOMPARE(worker.state(), State::Away);
        QVERIFY(worker.whyAway().isEmpty());
        QTRY_VERIFY(::kill(pid, 0) != 0);
    }

    void endOfTheOwner_endsTheChild() {
        pid_t pid = 0;
        {
            JoinProcess worker(JoinProcess::Role::Worker, self());
            worker.join(at("good"));
            QTRY_COMPARE(worker.state(), State::Joined);
            pid = static_cast<pid_t>(worker.pid());
        }
        QVERIFY(::kill(pid, 0) != 0);
    }

    void workersLostConnection_isDialledAgainByTheChild() {
        JoinProcess worker(JoinProcess::Role::Worker, self());
        worker.join(at("lost"));
        QTRY_COMPARE(worker.state(), State::Lost);
        QCOMPARE(worker.whyLost(), QString("connection broke off"));
        QCOMPARE(worker.againIn(), 4);
        const qint64 pid = worker.pid();
        worker.dialNow();
        QCOMPARE(worker.pid(), pid);
    }

    // A class on the screen.

    void watchedRun_isShownAndItsStateFollowed() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        controller.watch(at("good"));
        QVERIFY(controller.watching());
        QCOMPARE(controller.source(), RunController::Source::Watch);
        QCOMPARE(controller.state(), RunController::State::Idle);
        QTRY_COMPARE(store.steps().size(), std::size_t(4));
        QCOMPARE(controller.state(), RunController::State::Running);
    }

    void nextRunOfTheHost_appearsByItself() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        QSignalSpy ended(&controller, &RunController::runEnded);
        controller.watch(at("two"));
        QTRY_COMPARE(store.steps().size(), std::size_t(7));
        QCOMPARE(controller.state(), RunController::State::Running);
        QVERIFY(controller.recordingFile().isEmpty() && !controller.canReplay());
    }

    void failedRunOfTheHost_isToldAndWatchingGoesOn() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        controller.watch(at("failed"));
        QTRY_COMPARE(messages.count(), 1);
        QCOMPARE(messages[0][1].toString(), QString("The run failed. diverged"));
        QCOMPARE(controller.state(), RunController::State::Idle);
        QVERIFY(controller.watching());
    }

    void lostSamples_areCounted() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        controller.watch(at("lossy"));
        QTRY_COMPARE(store.eventsDropped(), quint64(12));
    }

    void wrongCode_endsWatchingWithTheReason() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        controller.watch(at("wrong"));
        QTRY_VERIFY(!controller.watching());
        QCOMPARE(controller.watcher().whyAway(), QString("wrong code"));
        QCOMPARE(controller.source(), RunController::Source::None);
    }

    void classThatIsOver_leavesItsRunOnTheScreen() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        controller.watch(at("over"));
        QTRY_VERIFY(!controller.watching());
        QVERIFY(controller.watcher().endedWell());
        QCOMPARE(store.steps().size(), std::size_t(4));
        QCOMPARE(store.state(), RunState::Finished);
        controller.reset();
        QVERIFY(!store.hasRun());
        QCOMPARE(controller.source(), RunController::Source::None);
    }

    void brokenConnection_interruptsAndIsDialledAgain() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        controller.watch(at("drop?" + folder_->filePath("been-there")));
        QTRY_COMPARE(controller.watcher().state(), State::Lost);
        QCOMPARE(controller.watcher().whyLost(), QString("connection broke off"));
        QCOMPARE(store.steps().size(), std::size_t(4));
        QVERIFY(store.interrupted());
        QCOMPARE(controller.state(), RunController::State::Idle);
        QVERIFY(controller.watching());
        controller.watcher().dialNow();
        QTRY_COMPARE(store.steps().size(), std::size_t(7));
        QCOMPARE(controller.state(), RunController::State::Running);
        QVERIFY(!store.interrupted());
    }

    void unreadableBytes_endWatchingAndKeepWhatCame() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        controller.watch(at("garbage"));
        QTRY_VERIFY(!controller.watching());
        QVERIFY2(controller.watcher().whyAway().contains("can't be read"),
                 qPrintable(controller.watcher().whyAway()));
        QCOMPARE(store.steps().size(), std::size_t(4));
        QVERIFY(store.interrupted());
    }

    void stop_watchesNoMoreAndKeepsThePicture() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        QSignalSpy ended(&controller, &RunController::runEnded);
        controller.watch(at("good"));
        QTRY_COMPARE(store.steps().size(), std::size_t(4));
        controller.stop();
        QVERIFY(!controller.watching());
        QCOMPARE(controller.state(), RunController::State::Idle);
        QCOMPARE(ended.count(), 1);
        QVERIFY(store.interrupted());
        QCOMPARE(store.steps().size(), std::size_t(4));
    }

    void whoWatches_runsAndOpensNothingElse() {
        RunStore store;
        RunController controller(store, {self()}, folder_->path());
        QSignalSpy messages(&controller, &RunController::message);
        controller.watch(at("good"));
        QTRY_COMPARE(controller.state(), RunController::State::Running);
        controller.run(RunSpec{});
        controller.step(RunSpec{});
        controller.pause();
        controller.resume();
        controller.replay();
        controller.reset();
        controller.clear();
        QCOMPARE(controller.source(), RunController::Source::Watch);
        QCOMPARE(controller.state(), RunController::State::Running);
        QCOMPARE(store.steps().size(), std::size_t(4));
        QCOMPARE(messages.count(), 0);
        controller.openRecording(folder_->filePath("some.rondo"));
        QCOMPARE(messages.count(), 1);
        QVERIFY(messages[0][1].toString().contains("Stop watching"));
    }

  private:
    std::unique_ptr<QTemporaryDir> folder_;
};

int main(int argc, char** argv) {
    if (test::FakeClass::called(argc, argv)) return test::FakeClass::play(argc, argv);
    QCoreApplication application(argc, argv);
    TestJoinProcess test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_join_process.moc"
