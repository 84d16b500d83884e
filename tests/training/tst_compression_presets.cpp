// What the presets of compression and map-reduce promise in a sentence each, run as a student would.
#include <QtTest>

#include "engine/algorithms/predict.h"
#include "engine/config/run_spec_json.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

RunSpec preset(const char* name) {
    const auto spec = loadRunSpec(std::string(RONDO_ROOT "/resources/runs/") + name + ".json");
    return spec.ok() ? *spec : throw std::runtime_error(spec.error());
}
RunSpec uncompressed(RunSpec spec) {
    spec.compression = NoCompression{};
    return spec;
}
double accuracyOf(const RunSpec& spec) {
    const Report report = train(spec).report;
    return report.status == RunState::Finished ? *report.testAccuracy
                                               : throw std::runtime_error(report.error);
}
/// How many times fewer bytes, and seconds, than without compression.
double timesFewerBytes(const RunSpec& spec) {
    return static_cast<double>(predict(uncompressed(spec)).payloadPerStep()) /
           static_cast<double>(predict(spec).payloadPerStep());
}
double timesSooner(const RunSpec& spec) {
    return *predict(uncompressed(spec)).seconds / *predict(spec).seconds;
}

}  // namespace

class TestCompressionPresets : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void topK_isNearlyAsAccurateForAFractionOfTheBytes() {
        const RunSpec spec = preset("top-k");
        QVERIFY(std::abs(timesFewerBytes(spec) - 250) < 5);
        const double accuracy = accuracyOf(spec);
        QVERIFY(accuracy > accuracyOf(uncompressed(spec)) - 0.03);
        RunSpec without = spec;
        std::get<TopKCompression>(without.compression).errorFeedback = false;
        QVERIFY(accuracyOf(without) < accuracy - 0.2);
    }

    void dgc_learnsFasterThanTopKOfThatDensity() {
        const RunSpec spec = preset("dgc");
        const auto& dgc = std::get<DgcCompression>(spec.compression);
        RunSpec topK = spec;
        topK.compression = TopKCompression{.density = dgc.density};
        QVERIFY(accuracyOf(spec) > accuracyOf(topK) + 0.02);
        RunSpec warm = spec;
        std::get<DgcCompression>(warm.compression).warmupEpochs = 4;
        QVERIFY(predict(warm).payloadPerStep() > 10 * predict(spec).payloadPerStep());
    }

    void powerSgd_isAboutAsAccurateAndMuchSooner() {
        const RunSpec spec = preset("power-sgd");
        QVERIFY(std::abs(timesFewerBytes(spec) - 55) < 1);
        QVERIFY(std::abs(timesSooner(spec) - 27) < 0.5);
        const double accuracy = accuracyOf(spec);
        QVERIFY(accuracy > accuracyOf(uncompressed(spec)) - 0.03);
        RunSpec without = spec;
        std::get<PowerSgdCompression>(without.compression).errorFeedback = false;
        QVERIFY(accuracyOf(without) < accuracy - 0.05);
    }

    void acceleratedDescent_isFurtherThanPlainAfterFiveTimesTheSteps() {
        const RunSpec spec = preset("least-squares");
        RunSpec plain = spec;
        plain.optimizer = SgdOptimizer{std::get<AcceleratedOptimizer>(spec.optimizer).learningRate, 0, 0};
        *plain.stop.steps *= 5;
        QVERIFY(*train(spec).report.trainLoss < *train(plain).report.trainLoss);
    }
};

QTEST_GUILESS_MAIN(TestCompressionPresets)
#include "tst_compression_presets.moc"
