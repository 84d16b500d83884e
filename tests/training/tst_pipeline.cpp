// Pipelines that flush: the weights of the model in one piece, the bubble and activations of their schedule.
#include <QtTest>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/algorithms/predict.h"
#include "tests/support/parts_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

constexpr std::array kFlushing{ScheduleChoice::Vanilla,     ScheduleChoice::GPipe, ScheduleChoice::OneFOneB,
                               ScheduleChoice::Interleaved, ScheduleChoice::ZbH1,  ScheduleChoice::ZbH2};

const char* nameOf(ScheduleChoice choice) {
    return rondo::nameOf(static_cast<ScheduleKind>(choice)).data();
}

/// Times of the zero-bubble paper's table 9 (8 stages, 24 micro-batches).
RunSpec typedIn(ScheduleChoice schedule, std::int64_t stages, std::int64_t microBatches, std::int64_t steps,
                double messageMs) {
    RunSpec spec = pipelineSpec(RunOn::Virtual, schedule, stages);
    spec.model = MlpModel{std::vector<std::int64_t>(static_cast<std::size_t>(2 * stages - 1), 16)};
    stagesIn(spec).microBatches = microBatches;
    spec.batch = microBatches;
    spec.cluster.times = {
        .forwardMs = 29.718, .backwardInputMs = 29.444, .backwardWeightMs = 19.927, .messageMs = messageMs};
    spec.stop = {.steps = steps};
    spec.evaluateEvery = 0;
    return spec;
}

double playedBubble(ScheduleChoice schedule, int stages, int microBatches, double messageMs) {
    const int chunks = schedule == ScheduleChoice::Interleaved ? 2 : 1;
    return playSchedule(*makeSchedule(static_cast<ScheduleKind>(schedule), stages, microBatches, chunks),
                        PassTimes{29.718, 29.444, 19.927, messageMs})
        ->bubbleRate;
}

}  // namespace

class TestPipeline : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyFlushingSchedule_endsWithTheUnsplitWeights_data() {
        QTest::addColumn<ScheduleChoice>("schedule");
        QTest::addColumn<RunOn>("runOn");
        QTest::addColumn<bool>("recompute");
        for (const ScheduleChoice schedule : kFlushing)
            for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual})
                for (const bool recompute : {false, true})
                    QTest::addRow("%s %s%s", nameOf(schedule),
                                  runOn == RunOn::Threads ? "threads" : "virtual",
                                  recompute ? " recompute" : "")
                        << schedule << runOn << recompute;
    }
    void everyFlushingSchedule_endsWithTheUnsplitWeights() {
        QFETCH(ScheduleChoice, schedule);
        QFETCH(RunOn, runOn);
        QFETCH(bool, recompute);
        RunSpec spec = pipelineSpec(runOn, schedule);
        stagesIn(spec).recompute = recompute;
        static const TrainingResult whole = train(unsplit(spec));
        compareWeights(train(spec), whole, 1e-5);
    }

    void convolutions_areCutToo() {
        RunSpec spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::ZbH1, 3);
        spec.model = LenetModel{};
        spec.optimizer = SgdOptimizer{0.1, 0.9, 0};
        compareWeights(train(spec), train(unsplit(spec)), 1e-5);
    }

    void lastSmallerBatch_isSharedOutToo_data() {
        QTest::addColumn<std::int64_t>("train");
        QTest::newRow("300 = 9·32 + 12") << std::int64_t{300};
        QTest::newRow("99 = 3·32 + 3, fewer than micro-batches") << std::int64_t{99};
    }
    void lastSmallerBatch_isSharedOutToo() {
        QFETCH(std::int64_t, train);
        RunSpec spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::OneFOneB);
        spec.data = DigitsData{train, 100};
        spec.stop = {.epochs = 6};
        compareWeights(rondo::test::train(spec), rondo::test::train(unsplit(spec)), 1e-5);
    }

    void handWrittenOrder_trains() {
        RunSpec spec = pipelineSpec(RunOn::Threads, ScheduleChoice::Hand, 2);
        stagesIn(spec).microBatches = 2;
        stagesIn(spec).order = "F0 F1 B0 B1 W1 W0 / F0 BW0 F1 BW1";
        compareWeights(train(spec), train(unsplit(spec)), 1e-5);
    }

    void bubble_isThatOfTheSchedule_data() {
        QTest::addColumn<ScheduleChoice>("schedule");
        QTest::addColumn<std::int64_t>("steps");
        for (const ScheduleChoice schedule : kFlushing)
            for (const std::int64_t steps : {1, 4})
                QTest::addRow("%s steps=%d", nameOf(schedule), int(steps)) << schedule << steps;
    }
    void bubble_isThatOfTheSchedule() {
        QFETCH(ScheduleChoice, schedule);
        QFETCH(std::int64_t, steps);
        const Report report = train(typedIn(schedule, 8, 24, steps, 0.527)).report;
        QCOMPARE(report.error, std::string());
        const double bubble = *report.stages->bubbleFraction;
        QVERIFY2(std::abs(bubble - playedBubble(schedule, 8, 24, 0.527)) < 1e-6,
                 qPrintable(QString("%1 against %2")
                                .arg(bubble, 0, 'g', 9)
                                .arg(playedBubble(schedule, 8, 24, 0.527), 0, 'g', 9)));
        compareClosely(bubble, report.predicted.at("bubble_fraction").as_double(), 1e-6, "predicted");
    }
    void bubbleOfGPipe_isTheTextbookFormula() {
        for (const int m : {4, 8, 16, 32}) {
            const Report report = train(typedIn(ScheduleChoice::GPipe, 4, m, 2, 0)).report;
            compareClosely(*report.stages->bubbleFraction, 3.0 / (m + 3), 1e-6, "bubble");
        }
    }

    void activations_areThoseOfTheSchedule_data() { everyFlushingSchedule_endsWithTheUnsplitWeights_data(); }
    void activations_areThoseOfTheSchedule() {
        QFETCH(ScheduleChoice, schedule);
        QFETCH(RunOn, runOn);
        QFETCH(bool, recompute);
        RunSpec spec = pipelineSpec(runOn, schedule);
        stagesIn(spec).recompute = recompute;
        spec.stop = {.steps = 2};
        auto made =
            *makeSchedule(static_cast<ScheduleKind>(schedule), 4, 8, static_cast<int>(stagesIn(spec).chunks));
        made.recompute = recompute;
        const Report report = train(spec).report;
        QCOMPARE(report.stages->peakActivations, made.peakActivations());
        QCOMPARE(report.stages->weightVersions, (std::vector<std::int64_t>(4, 1)));
    }

    void recompute_costsOneForwardMore() {
        RunSpec spec = typedIn(ScheduleChoice::GPipe, 4, 8, 3, 0);
        const double without = train(spec).report.seconds;
        stagesIn(spec).recompute = true;
        const Report report = train(spec).report;
        // One stage after the other: each micro-batch's forward once more on the longest path.
        compareClosely(report.seconds - without, 3 * 0.029718 * (8 + 3), 1e-6, "more seconds");
        QCOMPARE(report.stages->peakActivations, (std::vector<double>(4, 1.0)));
    }

    void seconds_areAsPredicted_data() {
        QTest::addColumn<ScheduleChoice>("schedule");
        QTest::addColumn<CutBy>("cut");
        for (const ScheduleChoice schedule : kFlushing)
            for (const CutBy cut : {CutBy::Parameters, CutBy::Time, CutBy::Layers})
                QTest::addRow("%s cut=%d", nameOf(schedule), int(cut)) << schedule << cut;
    }
    void seconds_areAsPredicted() {
        QFETCH(ScheduleChoice, schedule);
        QFETCH(CutBy, cut);
        RunSpec spec = pipelineSpec(RunOn::Virtual, schedule);
        stagesIn(spec).cut = cut;
        spec.stop = {.steps = 30};
        spec.data = DigitsData{960, 100};
        spec.evaluateEvery = 0;
        spec.cluster.deviceGflops = 0.01;  // as long as messages take, about
        const Report report = train(spec).report;
        QVERIFY(report.predicted.contains("seconds"));
        compareClosely(report.seconds, report.predicted.at("seconds").as_double(), 1e-3, "seconds");
        QCOMPARE(report.predicted.at("traffic").at("messages").as_int64(),
                 std::accumulate(
                     report.links.begin(), report.links.end(), std::int64_t{0},
                     [](std::int64_t sum, const LinkReport& link) { return sum + link.traffic.messages; }));
        for (int rank = 0; rank < 4; ++rank) {
            std::int64_t sent = 0;
            for (const LinkReport& link : report.links)
                if (link.from.value == rank) sent += link.traffic.payloadBytes;
            QCOMPARE(
                report.predicted.at("traffic").at("per_rank").at(static_cast<std::size_t>(rank)).at("sent"),
                boost::json::value(sent));
        }
    }

    void bubbleOfSmallerBatches_isPredictedWhereTheirTimesAreKnown() {
        RunSpec spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::OneFOneB);  // 300 samples, batches of 32
        QVERIFY(!predict(spec).parts->bubbleFraction);
        spec.stop = {.steps = 9};
        QVERIFY(predict(spec).parts->bubbleFraction);
        spec.stop = {.steps = 20};
        spec.cluster.times = {.forwardMs = 2, .backwardInputMs = 3, .backwardWeightMs = 1, .messageMs = 0.5};
        compareClosely(*train(spec).report.stages->bubbleFraction, *predict(spec).parts->bubbleFraction, 1e-9,
                       "bubble");
    }

    void typedInUpdates_areMadeOnceAStage() {
        for (const ScheduleChoice schedule : kFlushing) {
            RunSpec spec = typedIn(schedule, 4, 8, 5, 0.5);
            spec.cluster.times.updateMs = 40;
            spec.data = DigitsData{800, 100};
            const Report report = train(spec).report;
            compareClosely(report.seconds, report.predicted.at("seconds").as_double(), 1e-6,
                           nameOf(schedule));
        }
    }

    void recompute_isMoreInputsAndFewerActivationsToKeep() {
        RunSpec spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::GPipe);
        stagesIn(spec).cut = CutBy::Layers;
        const ModelPlan model = planModel(spec, expectedShape(spec.data));
        const auto bytes = [&](std::size_t stage) {
            return stageFigures(spec, model, planStages(spec, model))[stage].activationBytes;
        };
        // Layers 784-24-23 in stage 0, 23-22-21 in stage 1; 8 micro-batches of 4 samples. What ReLU makes is
        // kept beside what the layer does.
        const std::int64_t first = 24 + 24 + 23, second = 23 + 22 + 22 + 21;
        QCOMPARE(bytes(0), std::int64_t{8 * 4 * 4} * first);
        QCOMPARE(bytes(1), std::int64_t{8 * 4 * 4} * second);
        stagesIn(spec).recompute = true;
        QCOMPARE(bytes(0), std::int64_t{4 * 4} * (first + 8 * 784));
        QCOMPARE(bytes(1), std::int64_t{4 * 4} * (second + 8 * 23));
    }

    void modelledWeights_takeTheSameTimeAndBytes() {
        for (const ScheduleChoice schedule : kFlushing) {
            RunSpec spec = pipelineSpec(RunOn::Virtual, schedule);
            spec.evaluateEvery = 0;
            const Report real = train(spec).report;
            spec.weights.modelled = true;
            const Report modelled = train(spec).report;
            QCOMPARE(modelled.error, std::string());
            QCOMPARE(modelled.seconds, real.seconds);
            QCOMPARE(modelled.links.size(), real.links.size());
            for (std::size_t i = 0; i < real.links.size(); ++i)
                QCOMPARE(modelled.links[i].traffic.payloadBytes, real.links[i].traffic.payloadBytes);
            QCOMPARE(modelled.stages->bubbleFraction, real.stages->bubbleFraction);
        }
    }

    void virtualRun_isRepeatableToTheBit() {
        const RunSpec spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::ZbH2);
        const TrainingResult a = train(spec), b = train(spec);
        QCOMPARE(a.report.weightsSha256, b.report.weightsSha256);
        QCOMPARE(a.report.seconds, b.report.seconds);
    }

    void frozenLayers_stayAsTheyAreAndShortenTheSchedule() {
        for (const RunOn runOn : {RunOn::Virtual, RunOn::Threads}) {
            RunSpec spec = pipelineSpec(runOn, ScheduleChoice::OneFOneB);
            stagesIn(spec).cut = CutBy::Layers;  // two layers a stage
            stagesIn(spec).freezeLayers = 3;     // stage 0, and half of stage 1
            stagesIn(spec).freezeAfter = 5;
            spec.evaluateEvery = 0;
            const TrainingResult all = train(spec);
            QCOMPARE(all.report.error, std::string());
            spec.stop.steps = 5;
            const TrainingResult before = train(spec);
            const ModelPlan model = planModel(spec, expectedShape(spec.data));
            std::size_t frozen = 0;
            for (std::size_t layer = 0; layer < 3; ++layer)
                frozen += static_cast<std::size_t>(model.layers[layer].parameters());
            for (std::size_t i = 0; i < frozen; ++i) QCOMPARE(all.weights[i], before.weights[i]);
            double moved = 0;
            for (std::size_t i = frozen; i < all.weights.size(); ++i)
                moved += std::abs(static_cast<double>(all.weights[i]) - before.weights[i]);
            QVERIFY(moved > 0.1);
            if (runOn == RunOn::Virtual) QVERIFY(all.report.seconds / 20 < 0.9 * before.report.seconds / 5);
            // What learns does so as if the others had never been able to.
            RunSpec flush = spec;
            flush.stop.steps = 20;
            stagesIn(flush).schedule = ScheduleChoice::ZbH1;
            compareWeights(train(flush), all, 1e-5);
        }
    }

    void wrongInput_namesTheSettingAndWhatIsAllowed_data() {
        QTest::addColumn<RunSpec>("spec");
        QTest::addColumn<QString>("says");
        RunSpec spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::OneFOneB);
        spec.workers = 9;
        QTest::newRow("more stages than layers")
            << spec << "workers: 9 parts of the model, expected at most 8";
        spec.workers = 4;
        stagesIn(spec).microBatches = 5;
        QTest::newRow("micro-batches that don't divide the batch")
            << spec << "algorithm.micro_batches: 5, expected a divisor of the batch of 32";
        spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::Hand, 2);
        stagesIn(spec).microBatches = 2;
        stagesIn(spec).order = "F0 F1 BW0 BW1 / F0 BW1 F1 BW0";
        QTest::newRow("deadlock") << spec << "BW1 can never begin: it waits for F1 of stage 1";
        stagesIn(spec).order = "F0 F1 BW0 BW1 / F0 BW0 F1 BW1";
        stagesIn(spec).chunks = 2;
        QTest::newRow("chunks") << spec << "algorithm.chunks: 2, expected the 1 of algorithm.order";
        stagesIn(spec).chunks = 1;
        stagesIn(spec).order = "F0 F1 BW0 BW1";
        QTest::newRow("stages") << spec << "algorithm.order: it has 1 stages, expected 2";
        spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::Interleaved);
        stagesIn(spec).microBatches = 2;
        QTest::newRow("interleaved") << spec << "expected a multiple of the 4 stages";
        spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::OneFOneB);
        stagesIn(spec).cut = CutBy::Hand;
        stagesIn(spec).cutAt = {1, 1, 3};
        QTest::newRow("cut") << spec << "algorithm.cut_at";
        spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::OneFOneB);
        stagesIn(spec).freezeLayers = 8;
        QTest::newRow("all frozen") << spec << "algorithm.freeze_layers: 8, expected at most 7";
        spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::PipeDream2bw);
        stagesIn(spec).microBatches = 2;
        QTest::newRow("2bw") << spec << "expected at least the 4 stages";
        spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::OneFOneB);
        spec.algorithm = HybridAlgorithm{2, 2, 2, {}};
        QTest::newRow("mesh") << spec << "workers: 4, expected data · pipeline · tensor = 8";
    }
    void wrongInput_namesTheSettingAndWhatIsAllowed() {
        QFETCH(RunSpec, spec);
        QFETCH(QString, says);
        const QString problems = QString::fromStdString(textOf(validate(spec)));
        QVERIFY2(problems.contains(says), qPrintable(problems));
    }
};

QTEST_GUILESS_MAIN(TestPipeline)
#include "tst_pipeline.moc"
