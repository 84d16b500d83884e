#include <QSignalSpy>
#include <QtTest>

#include "tests/support/compared_run.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::ComparedRun;

class tst_kept_runs : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void keptRun_isACopy() {
        RunStore store;
        store.apply(ComparedRun{}.events());
        KeptRuns kept;
        QVERIFY(kept.keep(store) == KeptRuns::Answer::Kept);
        store.clear();
        store.apply(ComparedRun{.name = "Other", .steps = 10}.events());
        const KeptRun& run = *kept.entries()[0].run;
        QCOMPARE(run.loss.size(), std::size_t(100));
        QCOMPARE(run.loss[9].value, 0.2);
        QCOMPARE(run.loss[9].seconds, 1.0);
        QCOMPARE(run.loss[9].bytes, 10'000.0);
        QCOMPARE(run.accuracy.size(), std::size_t(10));
        QCOMPARE(*run.steps, qint64(100));
        QCOMPARE(*run.payloadBytes, qint64(100'000));
        QCOMPARE(*run.seconds, 10.0);
        QCOMPARE(*run.finalLoss, 0.02);
        QCOMPARE(*run.testAccuracy, 1.0);
        QCOMPARE(run.stepsPerEpoch, 10.0);
        QCOMPARE(run.status, QString("finished"));
    }

    void figuresOfTheReport_comeFirst() {
        KeptRuns kept;
        ComparedRun{.report =
                        R"({"status": "finished", "seconds": 8.5, "test_accuracy": 0.75, "train_loss": null,
            "steps": 99, "traffic": {"payload_bytes": 123456}, "history": [
            {"step": 50, "seconds": 4.25, "payload_bytes": 50500, "test_accuracy": 0.5}]})"}
            .keepIn(kept);
        const KeptRun& run = *kept.entries()[0].run;
        QCOMPARE(*run.seconds, 8.5);
        QCOMPARE(*run.testAccuracy, 0.75);
        QCOMPARE(*run.steps, qint64(99));
        QCOMPARE(*run.payloadBytes, qint64(123456));
        QCOMPARE(*run.finalLoss, 0.02);  // the report has none
        // Moments without start-up and evaluation, as far as the report has them.
        QCOMPARE(run.reached(0.5)->seconds, 4.25);
        QCOMPARE(run.reached(0.5)->bytes, 50'500.0);
        QCOMPARE(run.reached(0.6)->seconds, 6.0);
    }

    void target_isReachedByTheFirstEvaluationThatHasIt_data() {
        QTest::addColumn<double>("target");
        QTest::addColumn<int>("step");  // 0: never
        QTest::newRow("between evaluations") << 0.65 << 70;
        QTest::newRow("exactly") << 0.7 << 70;
        QTest::newRow("at once") << 0.0 << 10;
        QTest::newRow("never") << 1.01 << 0;
    }
    void target_isReachedByTheFirstEvaluationThatHasIt() {
        QFETCH(double, target);
        QFETCH(int, step);
        KeptRuns kept;
        ComparedRun{}.keepIn(kept);
        const auto reached = kept.entries()[0].run->reached(target);
        QCOMPARE(reached ? reached->step : 0, step);
    }

    void lostLoss_staysLost() {
        KeptRuns kept;
        ComparedRun{.lostFrom = 60}.keepIn(kept);
        const KeptRun& run = *kept.entries()[0].run;
        QVERIFY(std::isfinite(run.loss[59].value));
        QVERIFY(std::isnan(run.loss[60].value));
        QVERIFY(std::isnan(*run.finalLoss));
    }

    void longRun_isKeptInBoundedMemory() {
        const int steps = 3 * static_cast<int>(KeptRun::kMostPoints);
        KeptRuns kept;
        ComparedRun{.steps = steps, .lostFrom = steps / 2}.keepIn(kept);
        const KeptRun& run = *kept.entries()[0].run;
        QCOMPARE(run.loss.size(), KeptRun::kMostPoints);
        QCOMPARE(run.stepsAPoint, std::size_t(3));
        QCOMPARE(run.loss[0].value, (2.0 + 1.0 + 2.0 / 3) / 3);
        QCOMPARE(run.loss[0].step, 2);
        QCOMPARE(run.loss.back().step, steps - 1);
        QVERIFY(std::isnan(run.loss[run.loss.size() / 2].value));
        QVERIFY(std::isfinite(run.loss[run.loss.size() / 2 - 1].value));
        // Accuracy rises all the time, so that every evaluation is a record, and kept.
        QCOMPARE(run.reached(0.5)->step, (steps + 19) / 20 * 10);
    }

    void nothingToKeep_isNotKept() {
        KeptRuns kept;
        RunStore store;
        QVERIFY(kept.keep(store) == KeptRuns::Answer::Nothing);
        store.apply(ComparedRun{.steps = 0}.events());
        QVERIFY(kept.keep(store) == KeptRuns::Answer::Nothing);
        QVERIFY(kept.entries().empty());
    }

    void sameRun_isKeptOnce() {
        KeptRuns kept;
        QVERIFY(ComparedRun{.begun = 5}.keepIn(kept) == KeptRuns::Answer::Kept);
        QVERIFY(ComparedRun{.begun = 5}.keepIn(kept) == KeptRuns::Answer::Already);
        QVERIFY(ComparedRun{.begun = 6}.keepIn(kept) == KeptRuns::Answer::Kept);
        QCOMPARE(kept.entries().size(), std::size_t(2));
    }

    void moreThanThereIsRoomFor_isRefused() {
        KeptRuns kept;
        for (std::size_t i = 0; i < KeptRuns::kMost; ++i) {
            const ComparedRun one{.steps = 1, .begun = static_cast<std::int64_t>(i)};
            QVERIFY(one.keepIn(kept) == KeptRuns::Answer::Kept);
        }
        const ComparedRun late{.steps = 1, .begun = 1000};
        QVERIFY(late.keepIn(kept) == KeptRuns::Answer::Full);
        QCOMPARE(kept.entries().size(), KeptRuns::kMost);
    }

    void names_tellWhatDiffers() {
        KeptRuns kept;
        ComparedRun{.begun = 1}.keepIn(kept);
        ComparedRun{.seed = 2, .workers = 8, .begun = 2}.keepIn(kept);
        ComparedRun{.begun = 3}.keepIn(kept);
        ComparedRun{.name = "  ", .begun = 4}.keepIn(kept);
        QCOMPARE(kept.entries()[0].name, QString("Ring"));
        QCOMPARE(kept.entries()[1].name, QString("Ring · seed 2, workers 8"));
        QCOMPARE(kept.entries()[2].name, QString("Ring (2)"));
        QCOMPARE(kept.entries()[3].name, QString("Run"));
        kept.rename(kept.entries()[2].id, " Ring\n");
        QCOMPARE(kept.entries()[2].name, QString("Ring (2)"));  // no two of one name
        kept.rename(kept.entries()[2].id, "Again");
        QCOMPARE(kept.entries()[2].name, QString("Again"));
        kept.rename(kept.entries()[2].id, " ");
        QCOMPARE(kept.entries()[2].name, QString("Again"));
    }

    void removed_canBePutBack() {
        KeptRuns kept;
        for (int i = 0; i < 4; ++i) ComparedRun{.begun = i}.keepIn(kept);
        kept.rename(kept.entries()[1].id, "Mine");
        const std::vector<int> two{kept.entries()[1].id, kept.entries()[3].id};
        const int slot = kept.entries()[1].slot;
        kept.remove(two);
        QCOMPARE(kept.entries().size(), std::size_t(2));
        QVERIFY(kept.canPutBack());
        kept.remove(std::vector<int>{});  // nothing: the removal before can still be taken back
        kept.putBack();
        QCOMPARE(kept.entries().size(), std::size_t(4));
        QCOMPARE(kept.entries()[1].name, QString("Mine"));
        QCOMPARE(kept.entries()[1].id, two[0]);
        QCOMPARE(kept.entries()[1].slot, slot);
        QVERIFY(!kept.canPutBack());
    }

    void slots_areTheLowestThatAreFree() {
        KeptRuns kept;
        for (int i = 0; i < 3; ++i) ComparedRun{.begun = i}.keepIn(kept);
        kept.remove(std::vector<int>{kept.entries()[1].id});
        QCOMPARE(kept.entries()[1].slot, 2);  // who stays looks as before
        ComparedRun{.begun = 7}.keepIn(kept);
        QCOMPARE(kept.entries()[2].slot, 1);
        kept.putBack();  // its slot is taken by now
        QCOMPARE(kept.entries()[1].slot, 3);
    }

    void runsThatDifferInTheirSeedOnly_areAGroup() {
        KeptRuns kept;
        ComparedRun{.seed = 1, .begun = 1}.keepIn(kept);
        ComparedRun{.seed = 1, .begun = 2}.keepIn(kept);
        QVERIFY(kept.groups().empty());  // one seed twice says nothing of chance
        ComparedRun{.seed = 2, .workers = 8, .begun = 3}.keepIn(kept);
        QVERIFY(kept.groups().empty());
        ComparedRun{.name = "By another name", .seed = 2, .begun = 4}.keepIn(kept);
        QCOMPARE(kept.groups().size(), std::size_t(1));
        QCOMPARE(kept.groups()[0].members, (std::vector<std::size_t>{1, 3}));  // of each seed the latest
        QVERIFY(kept.groups()[0].asOne);
        const std::string key = kept.groups()[0].key;
        kept.setAsOne(key, false);
        QVERIFY(!kept.groups()[0].asOne);
        ComparedRun{.seed = 3, .begun = 5}.keepIn(kept);
        QVERIFY(!kept.groups()[0].asOne);  // one more doesn't change what was asked for
        kept.setAsOne(key, true);
        QVERIFY(kept.groups()[0].asOne);
    }

    void everyChange_isTold() {
        KeptRuns kept;
        QSignalSpy told(&kept, &KeptRuns::changed);
        ComparedRun{}.keepIn(kept);
        const int id = kept.entries()[0].id;
        kept.setShown(id, false);
        kept.setShown(id, false);  // no change
        kept.rename(id, "Other");
        kept.remove(std::vector<int>{id + 1});  // not one of them
        kept.remove(std::vector<int>{id});
        kept.putBack();
        QCOMPARE(told.count(), 5);
    }

    void modelledRun_hasFiguresButNoCurves() {
        ComparedRun made{.lostFrom = 0};
        auto events = made.events();
        RunSpec spec = made.spec();
        spec.runOn = RunOn::Virtual;
        spec.weights = {.modelled = true, .megabytes = 100};
        std::get<RunStarted>(events[0]).spec = toText(spec);
        RunStore store;
        store.apply(events);
        KeptRuns kept;
        QVERIFY(kept.keep(store) == KeptRuns::Answer::Kept);
        QVERIFY(kept.entries()[0].run->loss.empty() && kept.entries()[0].run->accuracy.empty());
        QVERIFY(!kept.entries()[0].run->finalLoss);
        QCOMPARE(*kept.entries()[0].run->seconds, 10.0);
    }
};

QTEST_GUILESS_MAIN(tst_kept_runs)
#include "tst_kept_runs.moc"
