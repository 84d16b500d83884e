#pragma once

#include "engine/config/validate.h"
#include "tests/support/small_runs.h"

namespace rondo::test {

/// A model of eight layers in four stages; batches of 32 in 8 micro-batches.
inline RunSpec pipelineSpec(RunOn runOn, ScheduleChoice schedule, std::int64_t stages = 4) {
    RunSpec spec = smallSpec(runOn, stages, 32);
    spec.model = MlpModel{{24, 23, 22, 21, 20, 19, 18}};
    spec.optimizer = SgdOptimizer{0.2, 0.9, 0};
    auto& pipeline = spec.algorithm.emplace<PipelineAlgorithm>();
    pipeline.stages.schedule = schedule;
    pipeline.stages.microBatches = 8;
    if (schedule == ScheduleChoice::Interleaved) pipeline.stages.chunks = 2;
    spec.stop = {.steps = 20};
    spec.evaluateEvery = 10;
    return spec;
}

/// The same by one worker who has the whole model.
inline RunSpec unsplit(RunSpec spec) {
    spec.batch *= meshOf(spec).data;
    spec.algorithm = SingleAlgorithm{};
    spec.workers = 1;
    spec.cluster = {};
    return spec;
}

inline StagesSpec& stagesIn(RunSpec& spec) {
    if (auto* hybrid = std::get_if<HybridAlgorithm>(&spec.algorithm)) return hybrid->stages;
    return std::get<PipelineAlgorithm>(spec.algorithm).stages;
}

inline void compareWeights(const TrainingResult& parts, const TrainingResult& whole, double most) {
    QCOMPARE(parts.report.error, std::string());
    QCOMPARE(parts.report.status, RunState::Finished);
    QCOMPARE(parts.weights.size(), whole.weights.size());
    QVERIFY2(*whole.report.updateL2 > 0.1, qPrintable(QString::number(*whole.report.updateL2)));
    double furthest = 0;
    for (std::size_t i = 0; i < parts.weights.size(); ++i)
        furthest = std::max(furthest, std::abs(static_cast<double>(parts.weights[i]) - whole.weights[i]));
    QVERIFY2(furthest <= most, qPrintable(QString("furthest apart: %1").arg(furthest)));
    QCOMPARE(parts.report.history.size(), whole.report.history.size());
    for (std::size_t i = 0; i < parts.report.history.size(); ++i) {
        QCOMPARE(parts.report.history[i].step, whole.report.history[i].step);
        compareClosely(*parts.report.history[i].trainLoss, *whole.report.history[i].trainLoss, 1e-4,
                       "train_loss");
        compareClosely(*parts.report.history[i].testLoss, *whole.report.history[i].testLoss, 1e-4,
                       "test_loss");
    }
}

}  // namespace rondo::test
