#include <QtTest>

#include "engine/control/run_control.h"

using namespace rondo;
using Gate = RunControl::Gate;

class TestRunControl : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void pause_letsNobodyPastABorderNobodyHasCrossed() {
        RunControl control(2, false);
        QCOMPARE(control.tryEnter(Rank{0}, Step{0}), Gate::Open);
        control.pause();
        QCOMPARE(control.tryEnter(Rank{1}, Step{0}), Gate::Open);  // rank 0 may already wait for it
        QCOMPARE(control.tryEnter(Rank{0}, Step{1}), Gate::Closed);
        control.resume();
        QCOMPARE(control.tryEnter(Rank{0}, Step{1}), Gate::Open);
    }

    void stepOnce_opensOneStepForAll() {
        RunControl control(2, false);
        control.pause();
        QCOMPARE(control.tryEnter(Rank{0}, Step{0}), Gate::Closed);
        control.stepOnce();
        QCOMPARE(control.tryEnter(Rank{0}, Step{0}), Gate::Open);
        QCOMPARE(control.tryEnter(Rank{1}, Step{0}), Gate::Open);
        QCOMPARE(control.tryEnter(Rank{1}, Step{1}), Gate::Closed);
    }

    void virtualPause_freezesAtOnce_andAStepGoesToTheBorder() {
        RunControl control(2, true);
        QCOMPARE(control.tryEnter(Rank{0}, Step{0}), Gate::Open);
        QCOMPARE(control.tryEnter(Rank{1}, Step{0}), Gate::Open);
        control.pause();
        QVERIFY(control.frozen());
        control.stepOnce();
        QVERIFY(!control.frozen());
        QCOMPARE(control.tryEnter(Rank{0}, Step{1}), Gate::Closed);
        control.stepOnce();
        QCOMPARE(control.tryEnter(Rank{0}, Step{1}), Gate::Open);
        QCOMPARE(control.tryEnter(Rank{0}, Step{2}), Gate::Closed);
    }

    void stop_endsAllAtTheSameBorder_evenWhilePaused() {
        RunControl control(3, false);
        QCOMPARE(control.tryEnter(Rank{0}, Step{5}), Gate::Open);
        control.pause();
        control.stop();
        QVERIFY(control.stopToken().stop_requested());
        QCOMPARE(control.tryEnter(Rank{1}, Step{5}), Gate::Open);
        for (int rank = 0; rank < 3; ++rank) QCOMPARE(control.tryEnter(Rank{rank}, Step{6}), Gate::End);
    }

    void listener_hearsThePresentStateAndWhatCommandsMakeOfIt() {
        RunControl control(2, false);
        control.pause();
        std::vector<RunState> heard;
        control.listen([&](RunState state) { heard.push_back(state); });
        control.resume();
        control.stepOnce();
        control.stop();
        QVERIFY((heard ==
                 std::vector{RunState::Paused, RunState::Running, RunState::Paused, RunState::Stopping}));
        control.listen({});
        control.pause();
        QCOMPARE(heard.size(), 4u);
    }

    void speed_isNeverNegative() {
        RunControl control(1, true);
        control.setSpeed(-3);
        QCOMPARE(control.speed(), 0.0);
        control.setSpeed(0.25);
        QCOMPARE(control.speed(), 0.25);
    }

    void waiting_endsWithACommandOrItsTime() {
        RunControl control(1, true);
        const auto seen = control.commands();
        QVERIFY(!control.waitForCommandUntil(
            seen, std::chrono::steady_clock::now() + std::chrono::milliseconds(1)));
        control.pause();
        QVERIFY(control.waitForCommandUntil(seen, std::chrono::steady_clock::now() + std::chrono::hours(1)));
    }
};

QTEST_GUILESS_MAIN(TestRunControl)
#include "tst_run_control.moc"
