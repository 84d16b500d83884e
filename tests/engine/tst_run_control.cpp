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

    void aWish_isOwedByEachWorkerOnce_atTheFirstBorderNobodyHasCrossed() {
        RunControl control(2, false);
        std::vector<std::pair<int, Save>> given;
        control.saveCheckpoint("before");  // waits for somebody who knows what becomes of it
        control.saveAtBorders(Step{0}, 3, "every", [&](Rank rank, const Save& save) {
            given.emplace_back(rank.value, save);
            if (rank.value == 1) control.saved(save);
        });
        QCOMPARE(control.tryEnter(Rank{0}, Step{0}), Gate::Open);
        QVERIFY(control.saveCheckpoint("asked"));  // rank 0 is past border 0
        for (int step = 0; step < 4; ++step)
            for (int rank = 0; rank < 2; ++rank)
                QCOMPARE(control.tryEnter(Rank{rank}, Step{step}), Gate::Open);
        QStringList told;
        for (const auto& [rank, save] : given)
            told << QString("%1 gives %2 at %3").arg(rank).arg(save.file.c_str()).arg(save.border.value);
        QCOMPARE(told, (QStringList{"0 gives before at 0", "1 gives before at 0", "0 gives asked at 1",
                                    "1 gives asked at 1", "0 gives every at 3", "1 gives every at 3"}));
        control.stop();
        control.saveCheckpoint("last");
        QCOMPARE(control.tryEnter(Rank{0}, Step{4}), Gate::End);
        QCOMPARE(given.back().second.file, std::string("last"));
        // Rank 1 never came: whoever ends the run learns what is still owed.
        const std::vector<Save> open = control.stopSaving();
        QCOMPARE(open.size(), std::size_t(1));
        QCOMPARE(open.front().file, std::string("last"));
        QVERIFY(!control.saveCheckpoint("too late"));
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
