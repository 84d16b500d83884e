#include <QtTest>

#include "engine/run/step_ledger.h"

using namespace rondo;

class TestStepLedger : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void loss_isTheMeanOverTheGlobalBatch() {
        StepLedger ledger(2);
        ledger.addLoss(Rank{0}, Step{0}, 6.0, 3);
        QVERIFY(!ledger.lossOf(Step{0}));
        ledger.addLoss(Rank{1}, Step{0}, 2.0, 1);
        QCOMPARE(*ledger.lossOf(Step{0}), 2.0);  // 8 over 4 samples, not the mean of 2 and 2
    }

    void lastRank_getsTheStep() {
        StepLedger ledger(2);
        for (const int rank : {0, 1}) ledger.addLoss(Rank{rank}, Step{0}, 1.0, 2);
        QVERIFY(!ledger.endStep(Rank{1}, Step{0}, 100));
        const auto completed = ledger.endStep(Rank{0}, Step{0}, 50);
        QVERIFY(completed);
        QCOMPARE(completed->payloadBytes, 150);
        QCOMPARE(completed->samples, 4);
        QCOMPARE(ledger.stepsCompleted(), 1);
        QCOMPARE(ledger.samplesTrained(), 4);
    }

    void fastRank_mayBeAhead() {
        StepLedger ledger(2);
        for (int step = 0; step < 3; ++step) {
            ledger.addLoss(Rank{0}, Step{step}, step, 1);
            QVERIFY(!ledger.endStep(Rank{0}, Step{step}, 0));
        }
        for (int step = 0; step < 3; ++step) {
            ledger.addLoss(Rank{1}, Step{step}, step, 1);
            QVERIFY(ledger.endStep(Rank{1}, Step{step}, 0));
            QCOMPARE(*ledger.lossOf(Step{step}), static_cast<double>(step));
        }
        QCOMPARE(ledger.stepsCompleted(), 3);
    }

    void longRun_keepsOnlyTheLatestAndTheEvaluatedSteps() {
        StepLedger ledger(1, 100);
        for (int step = 0; step < 1000; ++step) {
            ledger.addLoss(Rank{0}, Step{step}, step, 1);
            ledger.endStep(Rank{0}, Step{step}, 10 * step);
        }
        QCOMPARE(ledger.stepsCompleted(), 1000);
        QCOMPARE(ledger.completed(Step{999})->payloadBytes, 9990);
        QCOMPARE(ledger.completed(Step{499})->loss, 499.0);  // the 500th was evaluated
        QVERIFY(!ledger.completed(Step{500}));
        QVERIFY(!ledger.lossOf(Step{3}));
        QVERIFY(!ledger.completed(Step{1000}));
    }

    void independentRanks_countAsFarAsTheFurthest() {
        StepLedger ledger(2, 0, StepLedger::Grouping::ByFurthest);
        const auto end = [&](int rank, int step, double loss) {
            ledger.addLoss(Rank{rank}, Step{step}, loss * 2, 2);
            return ledger.endStep(Rank{rank}, Step{step}, 100 * (step + 1));
        };
        QCOMPARE(end(0, 0, 5.0)->loss, 5.0);
        QCOMPARE(end(0, 1, 4.0)->step, Step{1});
        QVERIFY(!end(1, 0, 7.0));
        const auto third = end(0, 2, 3.0);
        QCOMPARE(third->loss, 5.0);  // with what the slow one ended meanwhile
        QCOMPARE(third->samples, 4);
        QCOMPARE(third->payloadBytes, 400);
        QVERIFY(!end(1, 1, 6.0));
        QCOMPARE(ledger.stepsCompleted(), 3);
        QCOMPARE(ledger.samplesTrained(), 10);
        QCOMPARE(ledger.payloadBytes(), 500);
    }

    void skippedSteps_areCompletedWithoutThatRank() {
        StepLedger ledger(2);
        for (int step = 0; step < 3; ++step) {
            ledger.addLoss(Rank{0}, Step{step}, 2.0 * (step + 1), 2);
            QVERIFY(!ledger.endStep(Rank{0}, Step{step}, 10));
        }
        ledger.addLoss(Rank{1}, Step{0}, 4.0, 2);
        QVERIFY(ledger.endStep(Rank{1}, Step{0}, 7));
        const auto skipped = ledger.skip(Rank{1}, Step{1}, Step{3});
        QCOMPARE(skipped.size(), 2u);
        QCOMPARE(skipped[1].step, Step{2});
        QCOMPARE(skipped[1].loss, 3.0);
        QCOMPARE(skipped[1].samples, 2);
        QCOMPARE(skipped[1].payloadBytes, 17);
        QCOMPARE(ledger.stepsCompleted(), 3);
    }

    void rankThatLeaves_stillEndsTheStepItIsIn() {
        StepLedger ledger(3);
        for (const int rank : {0, 1, 2}) ledger.endStep(Rank{rank}, Step{0}, 0);
        // Steps overlap: it is out before step 2 begins, and nobody has told of step 1 yet.
        QVERIFY(ledger.leave(Rank{2}, Step{2}).empty());
        QVERIFY(!ledger.endStep(Rank{0}, Step{1}, 0));
        QVERIFY(!ledger.endStep(Rank{1}, Step{1}, 0));
        QCOMPARE(ledger.stepsCompleted(), 1);
        QVERIFY(ledger.endStep(Rank{2}, Step{1}, 0));
        QVERIFY(!ledger.endStep(Rank{0}, Step{2}, 0));
        QVERIFY(ledger.endStep(Rank{1}, Step{2}, 0));
        QCOMPARE(ledger.stepsCompleted(), 3);
    }

    void rankWithoutSamples_countsNothing() {
        StepLedger ledger(2);
        ledger.addLoss(Rank{0}, Step{0}, 5.0, 2);
        ledger.addLoss(Rank{1}, Step{0}, 0.0, 0);
        QCOMPARE(*ledger.lossOf(Step{0}), 2.5);
    }
};

QTEST_GUILESS_MAIN(TestStepLedger)
#include "tst_step_ledger.moc"
