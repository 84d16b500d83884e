// What the "Break it" presets say, asserted on the presets themselves.
#include <QtTest>

#include "engine/config/run_spec_json.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {
RunSpec preset(const char* name) {
    return *loadRunSpec(std::string(RONDO_ROOT "/resources/runs/break-") + name + ".json");
}
double accuracyOf(const RunSpec& spec) {
    const Report report = train(spec).report;
    return report.status == RunState::Finished ? *report.testAccuracy : -1;
}
void moreThan(double accuracy, double limit) {
    QVERIFY2(accuracy > limit, qPrintable(QString::number(accuracy)));
}
void lessThan(double accuracy, double limit) {
    QVERIFY2(accuracy >= 0 && accuracy < limit, qPrintable(QString::number(accuracy)));
}
}  // namespace

class TestBreakIt : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sumInsteadOfMean_learnsNothing() {
        RunSpec spec = preset("sum");
        lessThan(accuracyOf(spec), 0.25);
        std::get<AllReduceAlgorithm>(spec.algorithm).average = true;
        moreThan(accuracyOf(spec), 0.85);
    }

    void sumInsteadOfMean_isALearningRateOfNTimes() {
        RunSpec sum = smallSpec(RunOn::Virtual, 4, 8);
        sum.data = DigitsData{320, 100};  // every rank has as many samples in every batch
        sum.optimizer = SgdOptimizer{0.01, 0.9, 0};
        sum.algorithm = AllReduceAlgorithm{.overlap = false, .average = false};
        RunSpec mean = sum;
        mean.optimizer = SgdOptimizer{0.04, 0.9, 0};
        mean.algorithm = AllReduceAlgorithm{.overlap = false};
        compareRuns(train(sum), train(mean));
    }

    void sameShard_isOneWorkersWork() {
        RunSpec spec = preset("same-shard");
        const double same = accuracyOf(spec);
        RunSpec one = spec;
        one.workers = 1;
        one.split = IidSplit{};
        one.algorithm = SingleAlgorithm{};
        QVERIFY(std::abs(same - accuracyOf(one)) < 0.2);  // other samples, as few of them
        spec.split = IidSplit{};
        moreThan(accuracyOf(spec), same + 0.3);
    }

    void sendFirst_isADeadlockThatNamesWhoWaitsForWhom() {
        const Report report = train(preset("send-first")).report;
        QCOMPARE(report.status, RunState::Failed);
        QCOMPARE(
            report.error,
            std::string("deadlock: rank 0 waits for a message from rank 1; rank 1 waits for a message from "
                        "rank 2; rank 2 waits for a message from rank 3; rank 3 waits for a message from "
                        "rank 0"));
    }

    void noErrorFeedback_losesWhatIsNotSent() {
        RunSpec spec = preset("no-feedback");
        const double without = accuracyOf(spec);
        std::get<TopKCompression>(spec.compression).errorFeedback = true;
        moreThan(accuracyOf(spec), without + 0.2);
    }

    void learningRate_hasToGrowWithTheBatch() {
        RunSpec spec = preset("learning-rate");
        const double unscaled = accuracyOf(spec);
        std::get<SgdOptimizer>(spec.optimizer).learningRate *= 16;
        moreThan(accuracyOf(spec), unscaled + 0.1);
    }
};

QTEST_APPLESS_MAIN(TestBreakIt)
#include "tst_break_it.moc"
