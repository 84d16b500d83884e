// Figures a lecture states, which follow from no single unit: failing map tasks, two cards used together, the
// usual small CNN, FedAvg with one local step.
#include <QtTest>
#include <set>

#include "engine/algorithms/predict.h"
#include "engine/data/batch_plan.h"
#include "engine/model/bucket_plan.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

class TestLectureFigures : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void oneOfFiftyFails_moreThanOnceInThreeSteps() {
        QVERIFY(std::abs(probabilityOfAny(50, 0.01) - 0.395) < 0.0005);
        QCOMPARE(probabilityOfAny(50, 0), 0.0);
        RunSpec spec = smallSpec(RunOn::Virtual, 50, 1);
        spec.model = LogisticModel{};
        spec.algorithm = MapReduceAlgorithm{.taskFailure = 0.01};
        spec.stop = {.steps = 400};
        spec.evaluateEvery = 0;
        QVERIFY(std::abs(*predict(spec).stepFailure - 0.395) < 0.0005);
        const auto failing = train(spec);
        std::set<int> steps;
        for (const FaultHappened& fault : failing.report.faults) steps.insert(fault.step);
        // Three standard deviations of 400 tosses are 0.073.
        const double share = static_cast<double>(steps.size()) / 400;
        QVERIFY2(std::abs(share - 0.395) < 0.073, qPrintable(QString::number(share)));
        // Tasks are run again: nothing is lost but time.
        spec.algorithm = MapReduceAlgorithm{};
        const auto whole = train(spec);
        QCOMPARE(failing.report.weightsSha256, whole.report.weightsSha256);
        QVERIFY(failing.report.seconds > whole.report.seconds);
    }

    void twoCards_areAsFastAsBothTogether() {
        RunSpec spec = smallSpec(RunOn::Virtual, 4, 8);
        spec.cluster.link = {.latencyUs = 0, .gbitPerS = 0.3};
        spec.algorithm = AllReduceAlgorithm{.overlap = false};
        const double alone = *predict(spec).collectiveSeconds;
        const double computing = train(spec).report.seconds - alone * 30;
        spec.cluster.link.secondGbitPerS = 0.1;  // R = 3
        const Prediction together = predict(spec);
        QVERIFY(std::abs(*together.firstCardShare - 0.75) < 1e-12);  // R/(1+R)
        compareClosely(alone / *together.collectiveSeconds, 4.0 / 3, 1e-9, "speed-up (1+R)/R");
        compareClosely(train(spec).report.seconds, computing + alone * 30 * 0.75, 1e-3, "seconds");
    }

    void smallCnn_isTheOneOfTheTutorials() {
        const SampleShape pictures{{1, 28, 28}, 10};
        const ModelPlan plan = planModel(SmallCnnModel{}, pictures);
        QCOMPARE(plan.parameters(), std::int64_t{121'930});
        std::size_t tensors = 0;
        for (const BucketRange& bucket : planBuckets(plan, AlgorithmSpec(AllReduceAlgorithm{})))
            tensors += bucket.tensors.size();
        QCOMPARE(tensors, std::size_t{8});
        EpochOrders orders(60'000, 1);
        QCOMPARE(BatchPlan(orders, 128, 4).stepsPerEpoch(), std::int64_t{118});
    }

    void fedAvgOfOneLocalStep_isParallelGradientDescent() {
        // A step of one's own, then the average over all: gossip on the full graph.
        RunSpec spec = smallSpec(RunOn::Virtual, 4, 8);
        spec.data = DigitsData{320, 100};
        spec.model = LeastSquaresModel{};
        spec.optimizer = SgdOptimizer{0.01, 0, 0};
        spec.algorithm = GossipAlgorithm{.graph = GraphKind::Full};
        const auto averaged = train(spec);
        spec.algorithm = MapReduceAlgorithm{};
        compareRuns(averaged, train(spec));
    }
};

QTEST_APPLESS_MAIN(TestLectureFigures)
#include "tst_lecture_figures.moc"
