// Gradient descent by map and reduce against one worker and against plain loops, its cost against theory.
#include <QtTest>

#include "engine/algorithms/predict.h"
#include "engine/training/replica.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

RunSpec mapReduceSpec(RunOn runOn, std::int64_t workers, std::int64_t batch, ReduceShape shape) {
    RunSpec spec = smallSpec(runOn, workers, batch);
    spec.data = DigitsData{288, 100};  // each world size here divides it
    spec.model = LeastSquaresModel{};
    spec.optimizer = SgdOptimizer{0.01, 0, 0};
    spec.algorithm = MapReduceAlgorithm{shape};
    return spec;
}

/// All samples in every step: gradient descent as in a lecture.
RunSpec descentSpec(std::int64_t workers, OptimizerSpec optimizer, std::int64_t steps) {
    RunSpec spec = mapReduceSpec(RunOn::Virtual, workers, 288 / workers, ReduceShape::Tree);
    spec.optimizer = std::move(optimizer);
    spec.stop = {.steps = steps};
    return spec;
}

std::int64_t sentBy(const Report& report, int rank) {
    std::int64_t sum = 0;
    for (const LinkReport& link : report.links)
        if (link.from.value == rank) sum += link.traffic.payloadBytes;
    return sum;
}

/// Least squares for one-hot labels by plain loops, in double: the weights of each class and its bias.
class PlainLeastSquares {
  public:
    explicit PlainLeastSquares(const RunSpec& spec) {
        const Dataset data = loadDataset(spec.data, static_cast<std::uint64_t>(spec.seed));
        const Samples& train = data.train;
        samples_ = static_cast<std::size_t>(train.size());
        features_ = static_cast<std::size_t>(train.shape.features());
        classes_ = static_cast<std::size_t>(train.shape.classes);
        std::vector<std::int64_t> all(samples_);
        for (std::size_t i = 0; i < samples_; ++i) all[i] = static_cast<std::int64_t>(i);
        x_.resize(samples_ * features_);
        train.gather(all, x_);
        labels_ = train.labels;
        Replica start(planModel(spec, train.shape), static_cast<std::uint64_t>(spec.seed));
        w.assign(start.weights().begin(), start.weights().end());
    }

    /// Σ(xᵢᵀw − yᵢ)xᵢ/n for the weights w; a bias is the weight of a feature that is always one.
    std::vector<double> gradient() const {
        std::vector<double> sum(w.size());
        for (std::size_t i = 0; i < samples_; ++i)
            for (std::size_t c = 0; c < classes_; ++c) {
                const float* x = &x_[i * features_];
                double& bias = sum[classes_ * features_ + c];
                double residual = w[classes_ * features_ + c] - (labels_[i] == c ? 1.0 : 0.0);
                for (std::size_t f = 0; f < features_; ++f) residual += x[f] * w[c * features_ + f];
                for (std::size_t f = 0; f < features_; ++f)
                    sum[c * features_ + f] += residual * x[f] / static_cast<double>(samples_);
                bias += residual / static_cast<double>(samples_);
            }
        return sum;
    }

    std::vector<double> w;

  private:
    std::size_t samples_, features_, classes_;
    std::vector<float> x_;
    std::vector<std::uint8_t> labels_;
};

void compareWeights(const TrainingResult& result, const std::vector<double>& expected) {
    QCOMPARE(result.report.status, RunState::Finished);
    QCOMPARE(result.weights.size(), expected.size());
    QVERIFY(*result.report.updateL2 > 0.1);
    for (std::size_t i = 0; i < expected.size(); ++i)
        QVERIFY(std::abs(result.weights[i] - expected[i]) < 1e-4);
}

/// The first step after which the loss was no more than that.
std::int64_t stepsTo(const Report& report, double loss) {
    for (const HistoryEntry& entry : report.history)
        if (entry.trainLoss && *entry.trainLoss <= loss) return entry.step;
    return 1'000'000;
}

}  // namespace

class TestMapReduce : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void manyWorkers_equalOneWithTheWholeBatch_data() {
        QTest::addColumn<bool>("isVirtual");
        QTest::addColumn<bool>("star");
        QTest::addColumn<bool>("logistic");
        QTest::addColumn<int>("workers");
        for (const bool isVirtual : {false, true})
            for (const bool star : {false, true})
                for (const bool logistic : {false, true})
                    for (const int workers : {1, 2, 3, 4, 8})
                        QTest::addRow("%s %s %s workers=%d", isVirtual ? "virtual" : "threads",
                                      star ? "star" : "tree", logistic ? "logistic" : "least_squares",
                                      workers)
                            << isVirtual << star << logistic << workers;
    }
    void manyWorkers_equalOneWithTheWholeBatch() {
        QFETCH(bool, isVirtual);
        QFETCH(bool, star);
        QFETCH(bool, logistic);
        QFETCH(int, workers);
        const RunOn runOn = isVirtual ? RunOn::Virtual : RunOn::Threads;
        RunSpec many =
            mapReduceSpec(runOn, workers, 24 / workers, star ? ReduceShape::Star : ReduceShape::Tree);
        if (logistic) many.model = LogisticModel{};
        many.optimizer = SgdOptimizer{logistic ? 0.1 : 0.002, 0.9, 0};
        many.data = DigitsData{300, 100};  // the last batch of an epoch is a smaller one
        RunSpec one = many;
        one.workers = 1;
        one.batch = 24;
        one.algorithm = SingleAlgorithm{};
        compareRuns(train(many), train(one));
    }

    void leastSquares_isTheLecturesLoop_data() {
        QTest::addColumn<int>("workers");
        for (const int workers : {1, 3, 8}) QTest::addRow("workers=%d", workers) << workers;
    }
    void leastSquares_isTheLecturesLoop() {
        QFETCH(int, workers);
        const RunSpec spec = descentSpec(workers, SgdOptimizer{0.01, 0, 0}, 20);
        PlainLeastSquares plain(spec);
        for (int step = 0; step < 20; ++step) {
            const auto gradient = plain.gradient();
            for (std::size_t i = 0; i < plain.w.size(); ++i) plain.w[i] -= 0.01 * gradient[i];
        }
        compareWeights(train(spec), plain.w);
    }

    void accelerated_isNesterovsLoop_data() {
        QTest::addColumn<int>("workers");
        for (const int workers : {1, 4}) QTest::addRow("workers=%d", workers) << workers;
    }
    void accelerated_isNesterovsLoop() {
        QFETCH(int, workers);
        const RunSpec spec = descentSpec(workers, AcceleratedOptimizer{0.01}, 20);
        PlainLeastSquares plain(spec);
        std::vector<double> before;
        for (int k = 1; k <= 20; ++k) {
            const auto gradient = plain.gradient();  // at y
            std::vector<double> x = plain.w;
            for (std::size_t i = 0; i < x.size(); ++i) x[i] -= 0.01 * gradient[i];
            plain.w = x;
            if (k > 1)
                for (std::size_t i = 0; i < x.size(); ++i)
                    plain.w[i] += (k - 1.0) / (k + 2.0) * (x[i] - before[i]);
            before = x;
        }
        compareWeights(train(spec), plain.w);
    }

    void acceleratedDescent_needsFewerSteps_data() {
        QTest::addColumn<bool>("logistic");
        QTest::addRow("least_squares") << false;
        QTest::addRow("logistic") << true;
    }
    void acceleratedDescent_needsFewerSteps() {
        QFETCH(bool, logistic);
        const auto report = [&](OptimizerSpec optimizer) {
            RunSpec spec = descentSpec(4, std::move(optimizer), 150);
            if (logistic) spec.model = LogisticModel{};
            spec.evaluateEvery = 1;
            return train(spec).report;
        };
        const double rate = logistic ? 0.1 : 0.01;
        const Report plain = report(SgdOptimizer{rate, 0, 0}), fast = report(AcceleratedOptimizer{rate});
        const double reached = *plain.trainLoss;
        QVERIFY2(
            stepsTo(fast, reached) * 2 < stepsTo(plain, reached),
            qPrintable(QString("%1 against %2").arg(stepsTo(fast, reached)).arg(stepsTo(plain, reached))));
    }

    void oneStepOfTheAcceleratedOptimizer_isPlainDescent() {
        const auto plain = train(descentSpec(3, SgdOptimizer{0.01, 0, 0}, 1)),
                   fast = train(descentSpec(3, AcceleratedOptimizer{0.01}, 1));
        QCOMPARE(fast.report.weightsSha256, plain.report.weightsSha256);
        QVERIFY(*fast.report.updateL2 > 0);
    }

    void bytesMessagesAndSeconds_areTheFormulas_data() {
        QTest::addColumn<bool>("star");
        QTest::addColumn<int>("workers");
        for (const bool star : {false, true})
            for (const int workers : {1, 2, 3, 4, 8, 16})
                QTest::addRow("%s workers=%d", star ? "star" : "tree", workers) << star << workers;
    }
    void bytesMessagesAndSeconds_areTheFormulas() {
        QFETCH(bool, star);
        QFETCH(int, workers);
        RunSpec spec =
            mapReduceSpec(RunOn::Virtual, workers, 4, star ? ReduceShape::Star : ReduceShape::Tree);
        spec.stop = {.steps = 4};
        const Report report = train(spec).report;
        const Prediction predicted = predict(spec);
        std::int64_t messages = 0;
        for (const LinkReport& link : report.links) messages += link.traffic.messages;
        for (int rank = 0; rank < workers; ++rank)
            QCOMPARE(sentBy(report, rank), 4 * predicted.sentPerStep[static_cast<std::size_t>(rank)]);
        QCOMPARE(messages, 4 * 2 * (workers - 1));
        QCOMPARE(messages, 4 * predicted.messagesPerStep);
        // The driver's words: O(dm) for a star, O(d log m) for a tree.
        int levels = 0;
        while (1 << levels < workers) ++levels;
        QCOMPARE(sentBy(report, 0), 4 * report.parameters * 4 * (star ? workers - 1 : levels));
        const bool even = star || (workers & (workers - 1)) == 0;
        if (even)
            compareClosely(report.seconds, *predicted.seconds, 1e-3, "seconds");
        else
            QVERIFY(report.seconds <= *predicted.seconds * 1.001);
        const double bytes = static_cast<double>(report.parameters) * 4, alpha = 50e-6, beta = 1.25e8;
        if (workers > 1)
            compareClosely(*predicted.collectiveSeconds,
                           star ? 2 * alpha + workers * bytes / beta : 2 * levels * (alpha + bytes / beta),
                           1e-6, "collective_seconds");
    }

    void virtualRuns_repeatBitForBit() {
        RunSpec spec = mapReduceSpec(RunOn::Virtual, 5, 8, ReduceShape::Star);
        spec.cluster.link.jitterUs = 30;
        spec.cluster.overrides = {{.worker = 2, .speed = 0.25}};
        const auto a = train(spec), b = train(spec);
        QCOMPARE(a.report.weightsSha256, b.report.weightsSha256);
        QCOMPARE(a.report.seconds, b.report.seconds);
    }

    void aStraggler_holdsUpEveryone() {
        RunSpec spec = mapReduceSpec(RunOn::Virtual, 4, 8, ReduceShape::Tree);
        spec.cluster.deviceGflops = 0.01;
        spec.stop = {.steps = 5};
        const double even = train(spec).report.seconds;
        spec.cluster.overrides = {{.worker = 3, .speed = 0.25}};
        const Report slow = train(spec).report;
        QVERIFY(slow.seconds > 3 * even);
        // While it computes, the rest of the tree has long exchanged: theory adds both.
        QVERIFY(slow.seconds <= *predict(spec).seconds && slow.seconds > 0.9 * *predict(spec).seconds);
    }

    void modelledWeights_takeTheSameTime() {
        for (const ReduceShape shape : {ReduceShape::Star, ReduceShape::Tree}) {
            RunSpec spec = mapReduceSpec(RunOn::Virtual, 8, 4, shape);
            spec.stop = {.steps = 4};
            const double real = train(spec).report.seconds;
            spec.weights.modelled = true;
            QCOMPARE(train(spec).report.seconds, real);
        }
    }
};

QTEST_GUILESS_MAIN(TestMapReduce)
#include "tst_map_reduce.moc"
