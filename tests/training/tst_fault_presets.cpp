// What the presets with faults and drawn graphs say of themselves in presets.json.
#include <QtTest>

#include "engine/algorithms/graph.h"
#include "engine/algorithms/predict.h"
#include "engine/config/run_spec_json.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

RunSpec preset(const char* name) {
    auto spec = loadRunSpec(std::string(RONDO_ROOT "/resources/runs/") + name + ".json");
    return spec ? *spec : RunSpec{};
}

}  // namespace

class TestFaultPresets : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void straggler_holdsUpTheRing_andChangesNoWeight() {
        const RunSpec spec = preset("straggler-strikes");
        QCOMPARE(spec.faults.size(), std::size_t{1});
        const FaultSpec fault = spec.faults[0];
        QCOMPARE(fault.worker, 2);
        QCOMPARE(*fault.atStep, 80);
        QCOMPARE(fault.factor, 4.0);
        QCOMPARE(*fault.forSeconds, 0.5);
        RunSpec calm = spec;
        calm.faults.clear();
        const auto struck = train(spec), undisturbed = train(calm);
        QCOMPARE(struck.report.weightsSha256, undisturbed.report.weightsSha256);
        // In half a second fewer steps are made than usual: that many times as long is each.
        const double usual = undisturbed.report.seconds / static_cast<double>(undisturbed.report.steps);
        const double lost = struck.report.seconds - undisturbed.report.seconds;
        const double times = *fault.forSeconds / (*fault.forSeconds - lost);
        QVERIFY2(times > 2.8 && times < 3.2, qPrintable(QString::number(times)));
        QVERIFY(usual > 0);
    }

    void twoClusters_agreeAsFastAsTheirHintSays_andFasterWithOneMoreLink() {
        const RunSpec spec = preset("hand-drawn-gossip");
        const auto halving = [](double eigenvalue) { return std::log(2.0) / -std::log(eigenvalue); };
        const double eigenvalue = *predict(spec).secondEigenvalue;
        QCOMPARE(std::round(eigenvalue * 100), 93.0);
        QCOMPARE(std::round(halving(eigenvalue) * 10), 94.0);
        for (int a = 0; a < 4; ++a)
            for (int b = 4; b < 8; ++b) {
                if (a == 3 && b == 4) continue;
                RunSpec more = spec;
                std::get<GossipAlgorithm>(more.algorithm).edges.emplace_back(a, b);
                QVERIFY(halving(*predict(more).secondEigenvalue) < halving(eigenvalue));
            }
    }
};

QTEST_APPLESS_MAIN(TestFaultPresets)
#include "tst_fault_presets.moc"
