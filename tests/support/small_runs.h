#pragma once

#include <QtTest>
#include <cmath>

#include "engine/training/training_run.h"

namespace rondo::test {

class Nobody final : public EventSink {
  public:
    using EventSink::publish;
    bool wantsSamples() const override { return false; }
    void publish(std::span<Event>) override {}
};

/// A run of a second or so.
inline RunSpec smallSpec(RunOn runOn, std::int64_t workers, std::int64_t batch) {
    RunSpec spec;
    spec.seed = 7;
    spec.runOn = runOn;
    spec.workers = workers;
    spec.batch = batch;
    spec.data = DigitsData{300, 100};
    spec.model = MlpModel{{31}};  // 24,655 parameters: no world size here divides them
    spec.optimizer = SgdOptimizer{0.1, 0.9, 0};
    spec.stop.epochs = 3;
    spec.evaluateEvery = 4;
    return spec;
}

inline TrainingResult train(const RunSpec& spec) {
    RunControl control(static_cast<int>(spec.workers), spec.runOn == RunOn::Virtual);
    Nobody nobody;
    return runTraining(spec, control, nobody);
}

inline void compareClosely(double a, double b, double relative, const char* what) {
    QVERIFY2(std::abs(a - b) <= relative * std::max(std::abs(a), std::abs(b)),
             qPrintable(QString("%1: %2 against %3").arg(what).arg(a, 0, 'g', 9).arg(b, 0, 'g', 9)));
}

/// Two ways to the same weights, up to rounding.
inline void compareRuns(const TrainingResult& a, const TrainingResult& b) {
    QCOMPARE(a.report.status, RunState::Finished);
    QCOMPARE(a.report.steps, b.report.steps);
    compareClosely(*a.report.weightsL2, *b.report.weightsL2, 1e-4, "weights_l2");
    compareClosely(*a.report.updateL2, *b.report.updateL2, 1e-4, "update_l2");
    QVERIFY(*a.report.updateL2 > 0.1);
    QCOMPARE(a.report.history.size(), b.report.history.size());
    for (std::size_t i = 0; i < a.report.history.size(); ++i) {
        QCOMPARE(a.report.history[i].step, b.report.history[i].step);
        compareClosely(*a.report.history[i].trainLoss, *b.report.history[i].trainLoss, 1e-4, "train_loss");
    }
    for (std::size_t i = 0; i < a.weights.size(); ++i) QVERIFY(std::abs(a.weights[i] - b.weights[i]) < 1e-4);
}

}  // namespace rondo::test
