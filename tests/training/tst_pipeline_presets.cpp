// What the presets of models in parts say, asserted on the presets themselves.
#include <QtTest>

#include "engine/algorithms/pipeline/run_theory.h"
#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/config/run_spec_json.h"
#include "tests/support/parts_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {
RunSpec preset(const char* name) {
    RunSpec spec = *loadRunSpec(std::string(RONDO_ROOT "/resources/runs/") + name + ".json");
    spec.evaluateEvery = 0;
    return spec;
}
/// Some steps of it: what is said holds for every one.
RunSpec brief(RunSpec spec, std::int64_t steps = 20) {
    spec.stop.steps = steps;
    return spec;
}
Report reportOf(const RunSpec& spec) {
    return train(spec).report;
}
std::int64_t messagesOf(const Report& report) {
    std::int64_t messages = 0;
    for (const LinkReport& link : report.links) messages += link.traffic.messages;
    return messages;
}
std::int64_t mostActivations(const Report& report) {
    const auto& peaks = report.stages->peakActivations;
    return static_cast<std::int64_t>(*std::max_element(peaks.begin(), peaks.end()));
}
void percent(std::optional<double> share, double expected) {
    QVERIFY(share);
    QVERIFY2(std::abs(100 * *share - expected) < 0.05, qPrintable(QString::number(100 * *share)));
}
}  // namespace

class TestPipelinePresets : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void gpipe_hasTheBubbleOf1f1bAndTwiceTheActivations() {
        RunSpec spec = brief(preset("pipeline-gpipe"));
        const TrainingResult gpipe = train(spec);
        percent(gpipe.report.stages->bubbleFraction, 27.3);
        percent(bubbleTheory(spec)->value, 27.3);
        QCOMPARE(QString::fromStdString(bubbleTheory(spec)->formula), QString("(p − 1) / (m + p − 1)"));
        QCOMPARE(gpipe.report.stages->peakActivations, std::vector<double>(4, 8));
        stagesIn(spec).schedule = ScheduleChoice::OneFOneB;
        const TrainingResult turns = train(spec);
        percent(turns.report.stages->bubbleFraction, 27.3);
        QCOMPARE(mostActivations(turns.report), 4);
        QVERIFY(turns.weights == gpipe.weights);
    }

    void zeroBubble_fillsItWithWeightGradients() {
        RunSpec spec = brief(preset("pipeline-zero-bubble"));
        const Report first = reportOf(spec);
        percent(first.stages->bubbleFraction, 11.1);
        QCOMPARE(mostActivations(first), 4);
        stagesIn(spec).schedule = ScheduleChoice::ZbH2;
        const Report second = reportOf(spec);
        percent(second.stages->bubbleFraction, 0);
        QCOMPARE(mostActivations(second), 7);
    }

    void interleaved_hasLessBubbleForMoreMessages() {
        RunSpec spec = brief(preset("pipeline-interleaved"));
        const Report two = reportOf(spec);
        percent(two.stages->bubbleFraction, 15.8);
        stagesIn(spec).schedule = ScheduleChoice::OneFOneB;
        stagesIn(spec).chunks = 1;
        const Report one = reportOf(spec);
        percent(one.stages->bubbleFraction, 27.3);
        compareClosely(double(messagesOf(two)) / double(messagesOf(one)), 2.3, 0.02, "messages");
    }

    void recompute_takesAThirdMoreTimeForAnEighthOfTheActivations() {
        RunSpec spec = brief(preset("pipeline-recompute"));
        const TrainingResult again = train(spec);
        stagesIn(spec).recompute = false;
        const TrainingResult kept = train(spec);
        QCOMPARE(mostActivations(again.report), 1);
        QCOMPARE(mostActivations(kept.report), 8);
        compareClosely(again.report.seconds / kept.report.seconds, 4.0 / 3, 1e-6, "seconds");
        QVERIFY(again.weights == kept.weights);
    }

    void pipedream_waitsHardlyAndHasOldWeights() {
        RunSpec spec = preset("pipeline-stale");
        const Report dream = reportOf(spec);
        QVERIFY(*dream.stages->bubbleFraction < 0.01);
        QCOMPARE(dream.stages->weightVersions.front(), 4);
        QCOMPARE(dream.stages->weightDelay.front(), 3);
        stagesIn(spec).schedule = ScheduleChoice::PipeDream2bw;
        const Report twice = reportOf(brief(spec));
        QCOMPARE(twice.stages->weightVersions, std::vector<std::int64_t>(4, 2));
        QCOMPARE(twice.stages->weightDelay, std::vector<std::int64_t>(4, 1));
    }

    void frozenLayers_shortenTheStep() {
        RunSpec spec = brief(preset("pipeline-frozen"), 120);
        QCOMPARE(stagesIn(spec).freezeAfter, 100);
        spec.evaluateEvery = 10;
        const Report report = reportOf(spec);
        const auto millisecondsAStep = [&](std::int64_t from, std::int64_t to) {
            double begin = -1, end = -1;
            for (const HistoryEntry& entry : report.history) {
                if (entry.step == from) begin = entry.seconds;
                if (entry.step == to) end = entry.seconds;
            }
            return begin < 0 || end < 0 ? 0 : 1000 * (end - begin) / double(to - from);
        };
        compareClosely(millisecondsAStep(80, 100), 33, 1e-6, "before");
        compareClosely(millisecondsAStep(110, 120), 26, 1e-6, "after");
    }

    void badlyCut_letsAllWaitForTheLastStage() {
        RunSpec spec = brief(preset("pipeline-badly-cut"));
        const ModelPlan model = planModel(spec, expectedShape(spec.data));
        const auto figures = stageFigures(spec, model, planStages(spec, model));
        percent(double(figures.back().parameters) / double(model.parameters()), 98.8);
        const Report by = reportOf(spec);
        const double firstIdle =
            1 - (by.phases[0].at(Phase::Forward) + by.phases[0].at(Phase::BackwardInput)) / by.seconds;
        QVERIFY2(firstIdle > 0.985, qPrintable(QString::number(firstIdle)));
        stagesIn(spec).cut = CutBy::Time;
        stagesIn(spec).cutAt.clear();
        compareClosely(by.seconds / reportOf(spec).seconds, 2.9, 0.02, "seconds");
    }

    void sharedLayers_sumFourTimesABlockAndLearnToCopy() {
        const RunSpec spec = preset("tensor-copy");
        const Report report = reportOf(spec);
        QVERIFY(*report.testAccuracy > 0.99);
        // Two blocks, two sums each way, each of 2 · (2 − 1) messages of two ranks.
        QCOMPARE(messagesOf(report), report.steps * 2 * (2 + 2) * 4);
    }

    void mesh_endsWithTheWeightsOfOneWorker() {
        const RunSpec spec = brief(preset("hybrid-mesh"));
        compareWeights(train(spec), train(unsplit(spec)), 1e-4);
        QVERIFY(*reportOf(preset("hybrid-mesh")).testAccuracy > 0.99);
    }
};

QTEST_APPLESS_MAIN(TestPipelinePresets)
#include "tst_pipeline_presets.moc"
