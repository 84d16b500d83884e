// Layers shared by tensor ranks, and replicas of pipelines of them: the weights of the model in one piece.
#include <QtTest>

#include "engine/algorithms/model_parallel.h"
#include "tests/support/parts_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

RunSpec tensorSpec(RunOn runOn, std::int64_t ranks) {
    RunSpec spec = smallSpec(runOn, ranks, 32);
    spec.model = MlpModel{{32, 16, 24}};
    spec.algorithm = TensorAlgorithm{};
    spec.stop = {.steps = 20};
    spec.evaluateEvery = 10;
    return spec;
}

RunSpec transformerSpec(RunOn runOn, std::int64_t ranks) {
    RunSpec spec = tensorSpec(runOn, ranks);
    SequencesData data;
    data.train = 400;
    data.test = 50;
    spec.data = data;
    TransformerModel model;
    model.layers = 2;
    model.width = 32;
    model.heads = 4;
    spec.model = model;
    spec.optimizer = SgdOptimizer{0.1, 0.9, 0};
    return spec;
}

RunSpec hybridSpec(RunOn runOn, std::int64_t data, std::int64_t pipeline, std::int64_t tensor,
                   ScheduleChoice schedule) {
    RunSpec spec = tensorSpec(runOn, data * pipeline * tensor);
    HybridAlgorithm hybrid{data, pipeline, tensor, {}};
    hybrid.stages.schedule = schedule;
    hybrid.stages.cut = CutBy::Layers;
    hybrid.stages.microBatches = 4;
    spec.batch = 16;
    spec.algorithm = hybrid;
    return spec;
}

std::int64_t messagesOf(const Report& report) {
    std::int64_t sum = 0;
    for (const LinkReport& link : report.links) sum += link.traffic.messages;
    return sum;
}

}  // namespace

class TestHybrid : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void tensorRanks_endWithTheUnsplitWeights_data() {
        QTest::addColumn<bool>("transformer");
        QTest::addColumn<int>("runOn");
        QTest::addColumn<std::int64_t>("ranks");
        for (const bool transformer : {false, true})
            for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual})
                for (const std::int64_t ranks : {1, 2, 4})
                    QTest::addRow("%s %s ranks=%d", transformer ? "transformer" : "mlp",
                                  runOn == RunOn::Threads ? "threads" : "virtual", int(ranks))
                        << transformer << int(runOn) << ranks;
    }
    void tensorRanks_endWithTheUnsplitWeights() {
        QFETCH(bool, transformer);
        QFETCH(int, runOn);
        QFETCH(std::int64_t, ranks);
        const RunSpec spec = transformer ? transformerSpec(static_cast<RunOn>(runOn), ranks)
                                         : tensorSpec(static_cast<RunOn>(runOn), ranks);
        compareWeights(train(spec), train(unsplit(spec)), 1e-4);
    }

    void transformerBlock_sumsTwiceForwardAndTwiceBackward() {
        RunSpec spec = transformerSpec(RunOn::Virtual, 2);
        spec.evaluateEvery = 0;
        spec.stop = {.steps = 3};
        const ModelPlan model = planModel(spec, expectedShape(spec.data));
        const ModelParallel algorithm(spec, model);
        QCOMPARE(algorithm.traffic(0).sums.forward.size(), std::size_t{4});  // of two blocks
        QCOMPARE(algorithm.traffic(0).sums.backward.size(), std::size_t{4});
        const Report report = train(spec).report;
        // 2 blocks × 4 sums × 2(t − 1) messages from each of t ranks, in each of 3 steps.
        QCOMPARE(messagesOf(report), std::int64_t{3 * 2 * 4 * 2 * 2});
        QCOMPARE(report.predicted.at("traffic").at("messages").as_int64(), messagesOf(report));
    }

    void hybrid_endsWithTheUnsplitWeights_data() {
        QTest::addColumn<int>("runOn");
        QTest::addColumn<int>("schedule");
        QTest::addColumn<std::int64_t>("data");
        QTest::addColumn<std::int64_t>("pipeline");
        QTest::addColumn<std::int64_t>("tensor");
        for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual}) {
            const char* on = runOn == RunOn::Threads ? "threads" : "virtual";
            for (const ScheduleChoice schedule :
                 {ScheduleChoice::GPipe, ScheduleChoice::OneFOneB, ScheduleChoice::ZbH1})
                QTest::addRow("%s 2x2x2 schedule=%d", on, int(schedule))
                    << int(runOn) << int(schedule) << std::int64_t{2} << std::int64_t{2} << std::int64_t{2};
            QTest::addRow("%s 3x2x1", on) << int(runOn) << int(ScheduleChoice::ZbH2) << std::int64_t{3}
                                          << std::int64_t{2} << std::int64_t{1};
            QTest::addRow("%s 1x2x2", on) << int(runOn) << int(ScheduleChoice::GPipe) << std::int64_t{1}
                                          << std::int64_t{2} << std::int64_t{2};
        }
    }
    void hybrid_endsWithTheUnsplitWeights() {
        QFETCH(int, runOn);
        QFETCH(int, schedule);
        QFETCH(std::int64_t, data);
        QFETCH(std::int64_t, pipeline);
        QFETCH(std::int64_t, tensor);
        const RunSpec spec = hybridSpec(static_cast<RunOn>(runOn), data, pipeline, tensor,
                                        static_cast<ScheduleChoice>(schedule));
        QCOMPARE(textOf(validate(spec)), std::string());
        compareWeights(train(spec), train(unsplit(spec)), 1e-4);
    }

    void pairsOfLayersThatACutParts_areWholeOnEachRank() {
        for (const std::vector<std::int64_t>& hidden : {std::vector<std::int64_t>{200, 200}, {64}}) {
            RunSpec spec = hybridSpec(RunOn::Virtual, 2, 2, 2, ScheduleChoice::OneFOneB);
            stagesIn(spec).cut = CutBy::Parameters;
            spec.model = MlpModel{hidden};
            QCOMPARE(textOf(validate(spec)), std::string());
            compareWeights(train(spec), train(unsplit(spec)), 1e-4);
        }
    }

    void trafficAndSeconds_areAsPredicted() {
        RunSpec spec = hybridSpec(RunOn::Virtual, 2, 2, 2, ScheduleChoice::OneFOneB);
        spec.evaluateEvery = 0;
        spec.data = DigitsData{320, 100};
        for (const bool recompute : {false, true}) {
            stagesIn(spec).recompute = recompute;
            const Report report = train(spec).report;
            QCOMPARE(report.predicted.at("traffic").at("messages").as_int64(), messagesOf(report));
            for (int rank = 0; rank < 8; ++rank) {
                std::int64_t sent = 0;
                for (const LinkReport& link : report.links)
                    if (link.from.value == rank) sent += link.traffic.payloadBytes;
                QCOMPARE(report.predicted.at("traffic")
                             .at("per_rank")
                             .at(static_cast<std::size_t>(rank))
                             .at("sent"),
                         boost::json::value(sent));
            }
            compareClosely(report.seconds, report.predicted.at("seconds").as_double(), 0.05, "seconds");
        }
    }

    void modelledWeights_sendTheSame() {
        RunSpec spec = hybridSpec(RunOn::Virtual, 2, 2, 2, ScheduleChoice::OneFOneB);
        spec.evaluateEvery = 0;
        const Report real = train(spec).report;
        spec.weights.modelled = true;
        const Report modelled = train(spec).report;
        QCOMPARE(modelled.error, std::string());
        QCOMPARE(messagesOf(modelled), messagesOf(real));
        QCOMPARE(modelled.seconds, real.seconds);
    }

    void layersThatCantBeShared_areNamed() {
        RunSpec spec = transformerSpec(RunOn::Virtual, 3);
        QVERIFY2(!validate(spec).empty(), "3 ranks and 4 heads");
        spec = tensorSpec(RunOn::Virtual, 2);
        spec.model = CnnModel{};
        QCOMPARE(textOf(validate(spec)),
                 std::string("model.kind: the convolution conv1 can't be shared by tensor "
                             "ranks, expected mlp or transformer"));
    }
};

QTEST_GUILESS_MAIN(TestHybrid)
#include "tst_hybrid.moc"
