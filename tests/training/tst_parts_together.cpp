// Everything at once: schedules, backward passes in two halves, recomputing, tensor ranks, replicas and
// layers that freeze on the way, against plain loops of one worker.
#include <QtTest>

#include "engine/data/batch_plan.h"
#include "engine/training/batch.h"
#include "engine/training/replica.h"
#include "tests/support/parts_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

constexpr std::int64_t kSteps = 9, kFreezeAfter = 4;

RunSpec spec(RunOn runOn, ScheduleChoice schedule, std::int64_t data, std::int64_t pipeline,
             std::int64_t tensor, std::int64_t frozen, bool recompute) {
    RunSpec spec = smallSpec(runOn, data * pipeline * tensor, 8);
    SequencesData sequences;
    sequences.train = 140;  // the last batch of an epoch is smaller
    sequences.length = 5;
    sequences.test = 20;
    spec.data = sequences;
    TransformerModel model;
    model.layers = 4;
    model.width = 16;
    model.heads = 2;
    spec.model = model;
    spec.optimizer = SgdOptimizer{0.1, 0.9, 0.01};
    HybridAlgorithm hybrid{data, pipeline, tensor, {}};
    hybrid.stages.schedule = schedule;
    hybrid.stages.microBatches = 4;
    hybrid.stages.cut = CutBy::Layers;
    hybrid.stages.recompute = recompute;
    hybrid.stages.freezeLayers = frozen;
    hybrid.stages.freezeAfter = kFreezeAfter;
    if (schedule == ScheduleChoice::Interleaved) hybrid.stages.chunks = 3;
    spec.algorithm = hybrid;
    spec.stop = {.steps = kSteps};
    spec.evaluateEvery = 0;
    return spec;
}

/// One worker with the whole model; frozen layers are left out of its updates.
std::vector<float> plainLoops(const RunSpec& spec, std::int64_t frozenLayers) {
    const Dataset data = loadDataset(spec.data, static_cast<std::uint64_t>(spec.seed));
    const ModelPlan model = planModel(spec, data.train.shape);
    Replica replica(model, static_cast<std::uint64_t>(spec.seed));
    std::int64_t frozen = 0;
    for (std::int64_t layer = 0; layer < frozenLayers; ++layer)
        frozen += model.layers[static_cast<std::size_t>(layer)].parameters();
    const auto& sgd = std::get<SgdOptimizer>(spec.optimizer);
    std::vector<float> velocity(replica.weights().size());
    EpochOrders orders(data.train.size(), static_cast<std::uint64_t>(spec.seed));
    BatchPlan batches(orders, spec.batch * meshOf(spec).data, 1);
    for (std::int32_t step = 0; step < kSteps; ++step) {
        const auto slice = batches.slice(Rank{0}, Step{step});
        const Batch batch = batchOf(data.train, slice.samples);
        replica.flatGradients().zero_();
        (replica.lossSum(replica.forward(batch.inputs), batch.targets) /
         static_cast<double>(slice.samples.size()))
            .backward();
        const auto begin = static_cast<std::size_t>(step < kFreezeAfter ? 0 : frozen);
        for (std::size_t i = begin; i < velocity.size(); ++i) {
            const float gradient =
                replica.gradients()[i] + static_cast<float>(sgd.weightDecay) * replica.weights()[i];
            velocity[i] = static_cast<float>(sgd.momentum) * velocity[i] + gradient;
            replica.weights()[i] -= static_cast<float>(sgd.learningRate) * velocity[i];
        }
    }
    return {replica.weights().begin(), replica.weights().end()};
}

}  // namespace

class TestPartsTogether : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void weights_areThoseOfPlainLoops_data() {
        QTest::addColumn<ScheduleChoice>("schedule");
        QTest::addColumn<std::int64_t>("data");
        QTest::addColumn<std::int64_t>("pipeline");
        QTest::addColumn<std::int64_t>("tensor");
        QTest::addColumn<std::int64_t>("frozen");
        QTest::addColumn<bool>("recompute");
        const auto row = [](const char* name, ScheduleChoice schedule, std::int64_t data,
                            std::int64_t pipeline, std::int64_t tensor, std::int64_t frozen, bool recompute) {
            QTest::addRow("%s %dx%dx%d frozen=%d%s", name, int(data), int(pipeline), int(tensor), int(frozen),
                          recompute ? " recompute" : "")
                << schedule << data << pipeline << tensor << frozen << recompute;
        };
        for (const bool recompute : {false, true})
            for (const std::int64_t frozen : {0, 2, 3, 5}) {  // of six: three a stage
                row("1f1b", ScheduleChoice::OneFOneB, 1, 2, 2, frozen, recompute);
                row("zb_h1", ScheduleChoice::ZbH1, 2, 2, 2, frozen, recompute);
            }
        row("zb_h2", ScheduleChoice::ZbH2, 1, 3, 2, 4, true);
        row("interleaved", ScheduleChoice::Interleaved, 1, 2, 2, 2, true);
        row("interleaved", ScheduleChoice::Interleaved, 2, 2, 1, 3, false);
    }
    void weights_areThoseOfPlainLoops() {
        QFETCH(ScheduleChoice, schedule);
        QFETCH(std::int64_t, data);
        QFETCH(std::int64_t, pipeline);
        QFETCH(std::int64_t, tensor);
        QFETCH(std::int64_t, frozen);
        QFETCH(bool, recompute);
        RunSpec parts = spec(RunOn::Virtual, schedule, data, pipeline, tensor, frozen, recompute);
        QCOMPARE(textOf(validate(parts)), std::string());
        const TrainingResult modelled = train(parts);
        QCOMPARE(modelled.report.error, std::string());
        QVERIFY(*modelled.report.updateL2 > 0.1);
        const std::vector<float> plain = plainLoops(parts, frozen);
        double furthest = 0;
        for (std::size_t i = 0; i < plain.size(); ++i)
            furthest = std::max(furthest, std::abs(static_cast<double>(plain[i]) - modelled.weights[i]));
        QVERIFY2(furthest < 1e-4, qPrintable(QString::number(furthest)));
        // Whoever comes first, sums are taken in the same order: not a bit differs.
        parts.runOn = RunOn::Threads;
        const TrainingResult measured = train(parts);
        QCOMPARE(measured.report.error, std::string());
        QCOMPARE(measured.report.weightsSha256, modelled.report.weightsSha256);
    }

    void modelledWeights_sendTheSame_alsoOnceLayersFreeze() {
        for (const std::int64_t frozen : {0, 2, 3}) {
            RunSpec parts = spec(RunOn::Virtual, ScheduleChoice::ZbH1, 2, 2, 2, frozen, true);
            const Report real = train(parts).report;
            parts.weights.modelled = true;
            const Report modelled = train(parts).report;
            QCOMPARE(modelled.error, std::string());
            QCOMPARE(modelled.links.size(), real.links.size());
            for (std::size_t i = 0; i < real.links.size(); ++i) {
                QCOMPARE(modelled.links[i].traffic.messages, real.links[i].traffic.messages);
                QCOMPARE(modelled.links[i].traffic.payloadBytes, real.links[i].traffic.payloadBytes);
            }
            QCOMPARE(modelled.seconds, real.seconds);
        }
    }
};

QTEST_GUILESS_MAIN(TestPartsTogether)
#include "tst_parts_together.moc"
