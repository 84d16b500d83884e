// How far ranks may go without asking.
#include <QtTest>

#include "engine/run/step_grants.h"

using namespace rondo;
using namespace std::chrono_literals;

namespace {

constexpr Rank kA{0}, kB{1};

/// Steps of so long, one behind the other, told as they end.
void train(StepGrants& grants, Rank rank, int from, int to, Nanoseconds took) {
    for (int step = from; step < to; ++step) grants.told(rank, Step{step}, took * (step + 1));
}
/// The last step it is let on to now; −2: nothing new.
int upTo(StepGrants& grants, Rank rank) {
    const auto grant = grants.next(rank);
    return grant ? grant->upTo.value : -2;
}

}  // namespace

class TestStepGrants : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void firstSteps_areTwo() {
        RunControl control(2, false);
        StepGrants grants(control, 2, Step{0}, 0, 0);
        QCOMPARE(grants.furthest(), Step{-1});
        QVERIFY(!grants.expects(kA, Step{0}));
        QCOMPARE(upTo(grants, kA), 1);
        QCOMPARE(upTo(grants, kA), -2);  // said once
        QCOMPARE(grants.furthest(), Step{1});
        QVERIFY(grants.expects(kA, Step{0}));
        QVERIFY(!grants.expects(kA, Step{1}));  // 0 comes first
        QVERIFY(grants.letOn(kA, Step{1}));
        QVERIFY(!grants.letOn(kA, Step{2}));
        QVERIFY(!grants.expects(kB, Step{0}));  // not let on
    }
    void worldThatTakesARunOver_beginsAtItsFirstStep() {
        RunControl control(2, false);
        control.beginWorld(1, Step{40});
        StepGrants grants(control, 1, Step{40}, 0, 16);
        QCOMPARE(grants.toldOf(kA), Step{39});
        QCOMPARE(upTo(grants, kA), 41);
        QVERIFY(grants.expects(kA, Step{40}));
        QVERIFY(!grants.expects(kA, Step{0}));
        train(grants, kA, 40, 47, 1ms);
        QCOMPARE(upTo(grants, kA), 47);  // the next meeting is after 48, the multiple of 16
    }
    void grants_reachFiftyMillisecondsAhead_data() {
        QTest::addColumn<int>("microseconds");
        QTest::addColumn<int>("ahead");
        QTest::newRow("10 µs: no more than 256") << 10 << 256;
        QTest::newRow("1 ms") << 1000 << 50;
        QTest::newRow("10 ms") << 10'000 << 5;
        QTest::newRow("1 s: two are needed to go on without a pause") << 1'000'000 << 2;
    }
    void grants_reachFiftyMillisecondsAhead() {
        QFETCH(int, microseconds);
        QFETCH(int, ahead);
        RunControl control(1, false);
        StepGrants grants(control, 1, Step{0}, 0, 0);
        QCOMPARE(upTo(grants, kA), 1);
        train(grants, kA, 0, 2, std::chrono::microseconds(microseconds));
        QCOMPARE(upTo(grants, kA), 1 + ahead);
        // Half of them are left: no need to say more.
        train(grants, kA, 2, 2 + ahead / 2 - 1, std::chrono::microseconds(microseconds));
        if (ahead > 3) QCOMPARE(upTo(grants, kA), -2);
    }
    void whoStands_isToldAtOnce() {
        RunControl control(1, false);
        StepGrants grants(control, 1, Step{0}, 0, 0);
        QVERIFY(!grants.allStand());
        grants.stands(kA, Step{0});
        QVERIFY(grants.allStand());
        QCOMPARE(upTo(grants, kA), 1);
        QVERIFY(!grants.allStand());
        grants.stands(kA, Step{1});  // said before it heard that it may
        QVERIFY(!grants.allStand());
    }

    void plannedEnd_isNotPassed() {
        RunControl control(1, false);
        StepGrants grants(control, 1, Step{0}, 3, 0);
        QCOMPARE(upTo(grants, kA), 1);
        train(grants, kA, 0, 1, 1us);
        QCOMPARE(upTo(grants, kA), 2);
        train(grants, kA, 1, 3, 1us);
        QCOMPARE(upTo(grants, kA), -2);
    }
    void evaluation_isNotPassedBeforeItIsOver() {
        RunControl control(2, false);
        StepGrants grants(control, 2, Step{0}, 0, 4);
        for (const Rank rank : {kA, kB}) {
            QCOMPARE(upTo(grants, rank), 1);
            train(grants, rank, 0, 1, 1s);
            QCOMPARE(upTo(grants, rank), 2);
            train(grants, rank, 1, 2, 1s);
            QCOMPARE(upTo(grants, rank), 3);
            train(grants, rank, 2, 4, 1s);
            grants.stands(rank, Step{4});
            QCOMPARE(upTo(grants, rank), -2);
        }
        QVERIFY(grants.allStand());
        grants.met(4);
        QCOMPARE(upTo(grants, kA), 5);
        grants.met(2);  // an older one takes nothing back
        QCOMPARE(upTo(grants, kB), 5);
    }
    void ranksWithStepsUnderWay_goFurther_andPastMeetings() {
        RunControl control(1, false);
        StepGrants grants(control, 1, Step{0}, 0, 4, 3);
        QCOMPARE(upTo(grants, kA), 4);  // two ahead and three under way, beyond the meeting after step 3
    }

    void pause_closesTheBorderNobodyHasCrossed() {
        RunControl control(2, false);
        StepGrants grants(control, 2, Step{0}, 0, 0);
        QCOMPARE(upTo(grants, kA), 1);
        control.pause();
        // A has been let on to step 1, so B may come as far: else A would wait for it for ever.
        QCOMPARE(upTo(grants, kB), 1);
        train(grants, kA, 0, 2, 1us);
        QCOMPARE(upTo(grants, kA), -2);
        control.stepOnce();
        QCOMPARE(upTo(grants, kA), 2);
        train(grants, kA, 2, 3, 1us);
        QCOMPARE(upTo(grants, kA), -2);
        control.resume();
        QVERIFY(upTo(grants, kA) > 3);
    }
    void stop_saysTheEndOnce() {
        RunControl control(2, false);
        StepGrants grants(control, 2, Step{0}, 0, 0);
        upTo(grants, kA);
        control.stop();
        QCOMPARE(upTo(grants, kB), 1);  // as far as the other may be
        for (const Rank rank : {kA, kB}) {
            QVERIFY(!grants.next(rank));
            train(grants, rank, 0, 1, 1s);
            const auto grant = grants.next(rank);
            QVERIFY(grant && grant->end);
            QCOMPARE(grant->upTo, Step{1});
            QVERIFY(!grants.next(rank));
        }
        QVERIFY(grants.allStand());  // nobody goes on
    }
    void whoLeaves_isWaitedForByNobody() {
        RunControl control(2, false);
        StepGrants grants(control, 2, Step{0}, 0, 0);
        upTo(grants, kB);
        grants.leaves(kB);
        QVERIFY(!grants.next(kB));
        QVERIFY(!grants.expects(kB, Step{0}));
        QCOMPARE(grants.furthest(), Step{-1});  // of those that train
        grants.stands(kA, Step{0});
        QVERIFY(grants.allStand());
        QCOMPARE(*grants.commonBorder(), Step{0});
    }
    void gathered_theyComeToStandBeforeOneStep() {
        RunControl control(2, false);
        StepGrants grants(control, 2, Step{0}, 0, 0);
        upTo(grants, kA);
        train(grants, kA, 0, 2, 1us);
        const int far = upTo(grants, kA);
        QVERIFY(far > 10);
        grants.gather();
        QVERIFY(!grants.commonBorder());
        grants.stands(kB, Step{0});
        upTo(grants, kB);
        train(grants, kB, 0, far - 1, 1us);
        QCOMPARE(upTo(grants, kB), far);  // no further than A may already
        train(grants, kA, 2, far + 1, 1us);
        QCOMPARE(upTo(grants, kA), -2);
        train(grants, kB, far - 1, far + 1, 1us);
        grants.stands(kA, Step{far + 1});
        QVERIFY(!grants.commonBorder());
        grants.stands(kB, Step{far + 1});
        QCOMPARE(*grants.commonBorder(), Step{far + 1});
    }
};

QTEST_GUILESS_MAIN(TestStepGrants)
#include "tst_step_grants.moc"
