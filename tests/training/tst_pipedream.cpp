// Pipelines without a flush: versions and delays as published, weights as plain loops make them.
#include <QtTest>

#include "engine/algorithms/pipeline/schedule_stream.h"
#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/data/batch_plan.h"
#include "engine/training/batch.h"
#include "engine/training/replica.h"
#include "tests/support/parts_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

/// One worker that does what a pipeline without a flush does: gradients of each micro-batch with the weights
/// of each stage as they were so many updates ago.
std::vector<float> plainLoops(const RunSpec& spec) {
    const Dataset data = loadDataset(spec.data, static_cast<std::uint64_t>(spec.seed));
    const ModelPlan model = planModel(spec, data.train.shape);
    const StagePlan plan = planStages(spec, model);
    const int p = plan.mesh.pipeline, m = plan.microBatches();
    const bool each = plan.updatesEachMicroBatch();
    const auto& sgd = std::get<SgdOptimizer>(spec.optimizer);
    Replica replica(model, static_cast<std::uint64_t>(spec.seed));
    // The floats of each stage.
    std::vector<std::size_t> border{0};
    for (const LayerRange& part : plan.parts) {
        std::int64_t size = 0;
        for (int layer = part.first; layer < part.end; ++layer)
            size += model.layers[static_cast<std::size_t>(layer)].parameters();
        border.push_back(border.back() + static_cast<std::size_t>(size));
    }
    std::vector<std::vector<float>> versions{{replica.weights().begin(), replica.weights().end()}};
    std::vector<float> velocity(versions[0].size()), gradient(velocity.size());
    EpochOrders orders(data.train.size(), static_cast<std::uint64_t>(spec.seed));
    BatchPlan batches(orders, spec.batch, 1);
    for (std::int32_t batch = 0; batch < *spec.stop.steps; ++batch) {
        const auto slice = batches.slice(Rank{0}, Step{batch});
        const std::vector<std::int64_t> samples(slice.samples.begin(), slice.samples.end());
        const auto share = samples.size() / static_cast<std::size_t>(m);
        for (int i = 0; i < m; ++i) {
            const auto latest = static_cast<std::int64_t>(versions.size()) - 1;
            for (int s = 0; s < p; ++s) {
                const std::int64_t delay = each ? p - s - 1 : 1;
                const auto& used =
                    versions[static_cast<std::size_t>(std::max<std::int64_t>(0, latest - delay))];
                const auto at = static_cast<std::size_t>(s);
                std::copy(used.begin() + static_cast<std::ptrdiff_t>(border[at]),
                          used.begin() + static_cast<std::ptrdiff_t>(border[at + 1]),
                          replica.weights().begin() + static_cast<std::ptrdiff_t>(border[at]));
            }
            const Batch micro =
                batchOf(data.train, std::span(samples).subspan(static_cast<std::size_t>(i) * share, share));
            replica.flatGradients().zero_();
            const double over = static_cast<double>(each ? share : samples.size());
            (replica.lossSum(replica.forward(micro.inputs), micro.targets) / over).backward();
            for (std::size_t k = 0; k < gradient.size(); ++k) gradient[k] += replica.gradients()[k];
            if (!each && i + 1 < m) continue;
            std::vector<float> next = versions.back();
            for (std::size_t k = 0; k < next.size(); ++k) {
                velocity[k] =
                    static_cast<float>(sgd.momentum) * velocity[k] + std::exchange(gradient[k], 0.0f);
                next[k] -= static_cast<float>(sgd.learningRate) * velocity[k];
            }
            versions.push_back(std::move(next));
        }
    }
    return versions.back();
}

}  // namespace

class TestPipeDream : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void weights_areThoseOfPlainLoopsWithStaleGradients_data() {
        QTest::addColumn<int>("schedule");
        QTest::addColumn<int>("runOn");
        QTest::addColumn<std::int64_t>("microBatches");
        for (const auto schedule : {ScheduleChoice::PipeDream, ScheduleChoice::PipeDream2bw})
            for (const auto runOn : {RunOn::Threads, RunOn::Virtual})
                // With fewer than stages, several batches are under way at once.
                for (const std::int64_t m : {1, 2, 4, 8})
                    if (schedule == ScheduleChoice::PipeDream || m >= 4)
                        QTest::addRow("%s %s m=%d",
                                      schedule == ScheduleChoice::PipeDream ? "pipedream" : "2bw",
                                      runOn == RunOn::Threads ? "threads" : "virtual", int(m))
                            << int(schedule) << int(runOn) << m;
    }
    void weights_areThoseOfPlainLoopsWithStaleGradients() {
        QFETCH(int, schedule);
        QFETCH(int, runOn);
        QFETCH(std::int64_t, microBatches);
        const bool each = schedule == int(ScheduleChoice::PipeDream);
        RunSpec spec = pipelineSpec(static_cast<RunOn>(runOn), static_cast<ScheduleChoice>(schedule));
        stagesIn(spec).microBatches = microBatches;
        spec.data = DigitsData{320, 100};  // no smaller batch
        spec.optimizer = SgdOptimizer{each ? 0.4 / static_cast<double>(microBatches) : 0.3, 0.5, 0};
        const TrainingResult result = train(spec);
        QCOMPARE(result.report.error, std::string());
        QCOMPARE(result.report.steps, std::int64_t{20});
        QVERIFY2(*result.report.updateL2 > 0.1, qPrintable(QString::number(*result.report.updateL2)));
        const std::vector<float> plain = plainLoops(spec);
        double furthest = 0;
        for (std::size_t i = 0; i < plain.size(); ++i)
            furthest = std::max(furthest, std::abs(static_cast<double>(plain[i]) - result.weights[i]));
        QVERIFY2(furthest < 1e-4, qPrintable(QString::number(furthest)));
    }

    void versionsAndDelays_areAsPublished() {
        for (const auto runOn : {RunOn::Threads, RunOn::Virtual}) {
            const Report dream = train(pipelineSpec(runOn, ScheduleChoice::PipeDream)).report;
            QCOMPARE(dream.stages->weightVersions, (std::vector<std::int64_t>{4, 3, 2, 1}));
            QCOMPARE(dream.stages->weightDelay, (std::vector<std::int64_t>{3, 2, 1, 0}));
            const Report buffered = train(pipelineSpec(runOn, ScheduleChoice::PipeDream2bw)).report;
            QCOMPARE(buffered.stages->weightVersions, (std::vector<std::int64_t>(4, 2)));
            QCOMPARE(buffered.stages->weightDelay, (std::vector<std::int64_t>(4, 1)));
            QCOMPARE(dream.stages->peakActivations, (std::vector<double>{4, 3, 2, 1}));
        }
    }

    void bubble_isThatOfTheStreamPlayed() {
        RunSpec spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::PipeDream);
        spec.cluster.times = {.forwardMs = 2, .backwardInputMs = 3, .backwardWeightMs = 1, .messageMs = 0.5};
        spec.evaluateEvery = 0;
        for (const std::int64_t steps : {1, 3, 7}) {
            spec.stop = {.steps = steps};
            const Report report = train(spec).report;
            const auto played = *playSteps(*makeSchedule(ScheduleKind::PipeDream, 4, 8),
                                           StageTimes::even(4, 1, {2, 3, 1, 0.5}), static_cast<int>(steps));
            compareClosely(*report.stages->bubbleFraction, played.meanBubble(), 1e-9, "bubble");
            compareClosely(report.seconds, played.whole.makespan * 1e-3, 1e-9, "seconds");
        }
    }

    void longRun_isPredictedFromTheStepsInItsMiddle() {
        for (const auto schedule : {ScheduleChoice::PipeDream, ScheduleChoice::PipeDream2bw}) {
            RunSpec spec = pipelineSpec(RunOn::Virtual, schedule);
            spec.data = DigitsData{320, 100};
            spec.cluster.times = {
                .forwardMs = 2, .backwardInputMs = 3, .backwardWeightMs = 1, .messageMs = 0.5};
            spec.evaluateEvery = 0;
            spec.stop = {.steps = 100};
            const Report report = train(spec).report;
            compareClosely(*report.stages->bubbleFraction, report.predicted.at("bubble_fraction").as_double(),
                           1e-6, "bubble");
            compareClosely(report.seconds, report.predicted.at("seconds").as_double(), 1e-9, "seconds");
        }
    }

    void learns_allTheSame() {
        RunSpec spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::PipeDream);
        spec.data = DigitsData{2000, 500};
        spec.model = MlpModel{{64, 64, 64}};
        spec.optimizer = SgdOptimizer{0.05, 0, 0};
        spec.stop = {.epochs = 6};
        spec.evaluateEvery = 0;
        QVERIFY(*train(spec).report.testAccuracy > 0.7);
    }
};

QTEST_GUILESS_MAIN(TestPipeDream)
#include "tst_pipedream.moc"
