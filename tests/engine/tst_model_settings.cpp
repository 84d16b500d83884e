#include <QTest>

#include "engine/config/run_spec_json.h"
#include "engine/core/result.h"
#include "engine/model/cost_model.h"

using namespace rondo;

namespace {
QString errorOf(const QByteArray& text) {
    const auto spec = parseRunSpec(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    return spec ? QString() : QString::fromStdString(spec.error());
}
}  // namespace

class TestModelSettings : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void fittingModels_areTaken_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("copy") << QByteArray(
            R"({"stop":{"steps":1},"data":{"kind":"sequences","task":"copy","length":5},"model":{"kind":"transformer","layers":3,"width":48,"heads":6}})");
        QTest::newRow("sort") << QByteArray(
            R"({"stop":{"steps":1},"data":{"kind":"sequences","task":"sort"},"model":{"kind":"transformer"}})");
        QTest::newRow("text") << QByteArray(
            R"({"stop":{"steps":1},"data":{"kind":"text","path":"README.md","length":64},"model":{"kind":"transformer"}})");
        QTest::newRow("resnet20") << QByteArray(R"({"stop":{"steps":1},"model":{"kind":"resnet20"}})");
    }
    void fittingModels_areTaken() {
        QFETCH(QByteArray, text);
        QCOMPARE(errorOf(text), QString());
        const auto spec =
            parseRunSpec(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
        QVERIFY(*runSpecFrom(toJson(*spec)) == *spec);
    }

    void misfits_areNamed_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("message");
        QTest::newRow("pictures for a transformer")
            << QByteArray(R"({"stop":{"steps":1},"model":{"kind":"transformer"}})")
            << "model.kind: transformer, expected another one unless data.kind is sequences or text";
        QTest::newRow("sequences for an mlp")
            << QByteArray(R"({"stop":{"steps":1},"data":{"kind":"sequences"}})")
            << "model.kind: expected transformer with data.kind sequences or text";
        QTest::newRow("points for a resnet")
            << QByteArray(R"({"stop":{"steps":1},"data":{"kind":"moons"},"model":{"kind":"resnet20"}})")
            << "model.kind: a convolutional model needs images";
        QTest::newRow("heads")
            << QByteArray(
                   R"({"stop":{"steps":1},"data":{"kind":"sequences"},"model":{"kind":"transformer","width":64,"heads":5}})")
            << "model.heads: 5, expected a divisor of the width of 64";
        QTest::newRow("no file")
            << QByteArray(R"({"stop":{"steps":1},"data":{"kind":"text"},"model":{"kind":"transformer"}})")
            << "data.path: empty, expected a text file";
        QTest::newRow("task") << QByteArray(
                                     R"({"stop":{"steps":1},"data":{"kind":"sequences","task":"reverse"}})")
                              << "data.task: \"reverse\", expected";
        QTest::newRow("negative time")
            << QByteArray(
                   R"({"stop":{"steps":1},"run_on":"virtual","cluster":{"times":{"layers":[{"forward_ms":-1}]}}})")
            << "cluster.times.layers.0.forward_ms: -1, expected 0 to 100000000";
        QTest::newRow("times twice")
            << QByteArray(
                   R"({"stop":{"steps":1},"run_on":"virtual","cluster":{"times":{"forward_ms":1,"layers":[{}]}}})")
            << "cluster.times.layers: given, expected none with forward_ms";
        QTest::newRow("times of threads")
            << QByteArray(R"({"stop":{"steps":1},"cluster":{"times":{"layers":[{}]}}})")
            << "cluster.times: given, expected only with run_on virtual";
    }
    void misfits_areNamed() {
        QFETCH(QByteArray, text);
        QFETCH(QString, message);
        QVERIFY2(errorOf(text).contains(message), qPrintable(errorOf(text)));
    }

    void timesOfLayers_mustBeThoseOfTheModel() {
        RunSpec spec;
        spec.runOn = RunOn::Virtual;
        spec.model = MlpModel{{20, 10}};
        const ModelPlan plan = planModel(spec, SampleShape{{1, 28, 28}, 10});
        spec.cluster.times.layers.resize(2);
        try {
            const CostModel costs(spec, plan);
            QFAIL("taken");
        } catch (const BadInput& problem) {
            QCOMPARE(QString(problem.what()),
                     "cluster.times.layers: 2 given, expected one for each of the model's 3 layers");
        }
    }

    void timesOfLayers_addUp_andFollowTheSpeed() {
        RunSpec spec;
        spec.runOn = RunOn::Virtual;
        spec.model = MlpModel{{20, 10}};
        const ModelPlan plan = planModel(spec, SampleShape{{1, 28, 28}, 10});
        spec.cluster.times.layers = {{1, 0, 3}, {4, 5, 6}, {7, 8, 9}};
        spec.cluster.times.updateMs = 2;
        spec.cluster.overrides = {{.worker = 1, .speed = 0.5}};
        const CostModel costs(spec, plan);
        QVERIFY(!costs.typedIn());
        const auto ms = [](double value) { return picosecondsOf(value * 1e-3); };
        for (const std::int64_t samples : {1, 32}) {  // of a whole micro-batch, however large
            QCOMPARE(costs.forward(Rank{0}, samples), ms(12));
            QCOMPARE(costs.forward(Rank{1}, samples), ms(24));
            QCOMPARE(costs.forward(Rank{0}, samples, 1, 3), ms(11));
            QCOMPARE(costs.backwardInput(Rank{0}, samples, 0, 2), ms(5));
            QCOMPARE(costs.backwardWeight(Rank{1}, samples, 2, 3), ms(18));
        }
        const auto layers = costs.backward(Rank{0}, 32);
        QCOMPARE(layers.size(), std::size_t{3});
        QCOMPARE(layers[1].backwardInput, ms(5));
        QCOMPARE(layers[2].backwardWeight, ms(9));
        QCOMPARE(costs.update(Rank{0}), ms(2));
    }

    void rangesOfLayers_addUpToTheWhole() {
        RunSpec spec;
        spec.runOn = RunOn::Virtual;
        spec.cluster.deviceGflops = 3.7;
        spec.model = MlpModel{{20, 10, 30}};
        const ModelPlan plan = planModel(spec, SampleShape{{1, 28, 28}, 10});
        const CostModel costs(spec, plan);
        const auto backward = costs.backward(Rank{0}, 7);
        Picoseconds forward{0}, input{0}, weight{0}, inputs{0}, weights{0};
        for (int i = 0; i < 4; ++i) {
            forward += costs.forward(Rank{0}, 7, i, i + 1);
            input += costs.backwardInput(Rank{0}, 7, i, i + 1);
            weight += costs.backwardWeight(Rank{0}, 7, i, i + 1);
            inputs += backward[static_cast<std::size_t>(i)].backwardInput;
            weights += backward[static_cast<std::size_t>(i)].backwardWeight;
        }
        QCOMPARE(forward, costs.forward(Rank{0}, 7));
        QCOMPARE(input, inputs);
        QCOMPARE(weight, weights);
        QCOMPARE(costs.backwardInput(Rank{0}, 7, 0, 1), Picoseconds{0});  // nobody asks the samples
        QCOMPARE(costs.forward(Rank{0}, 7, 2, 2), Picoseconds{0});
        QCOMPARE(costs.update(Rank{0}, plan.parameters()), costs.update(Rank{0}));
    }
};

QTEST_GUILESS_MAIN(TestModelSettings)
#include "tst_model_settings.moc"
