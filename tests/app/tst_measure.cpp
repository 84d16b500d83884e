// rondo-cli measure: times of a model's layers, and settings that use them.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/config/run_spec_json.h"
#include "engine/model/model_plan.h"
#include "tests/support/cli.h"

using namespace rondo;
using namespace rondo::test;

class TestMeasure : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;

    QString settings(const QByteArray& text) {
        QFile file(folder_.filePath("run.json"));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size()) qFatal("no file");
        return file.fileName();
    }

  private Q_SLOTS:
    void eachLayerHasTimes_andTheSettingsUseThem_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("samples");
        QTest::newRow("mlp")
            << QByteArray(
                   R"({"workers":2,"batch":16,"model":{"kind":"mlp","hidden":[50,30]},"stop":{"steps":3}})")
            << 16;
        QTest::newRow("transformer in a pipeline")
            << QByteArray(
                   R"({"workers":2,"batch":16,"data":{"kind":"sequences"},"model":{"kind":"transformer","width":16},"algorithm":{"kind":"pipeline","micro_batches":4},"stop":{"steps":3}})")
            << 4;
    }
    void eachLayerHasTimes_andTheSettingsUseThem() {
        QFETCH(QByteArray, text);
        QFETCH(int, samples);
        const QString in = settings(text), out = folder_.filePath("timed.json");
        const Outcome measured = call({"measure", in, "--json", "--out", out});
        QVERIFY2(measured.code == 0, qPrintable(measured.err));
        QCOMPARE(measured.json()["samples"].toInt(), samples);

        const auto timed = loadRunSpec(out.toStdString());
        QVERIFY2(timed.ok(), timed ? "" : timed.error().c_str());
        QVERIFY(timed->runOn == RunOn::Virtual);
        const ModelPlan plan = planModel(*timed, expectedShape(timed->data));
        const auto layers = measured.json()["layers"].toArray();
        QCOMPARE(static_cast<std::size_t>(layers.size()), plan.layers.size());
        QCOMPARE(timed->cluster.times.layers.size(), plan.layers.size());
        for (std::size_t i = 0; i < plan.layers.size(); ++i) {
            const auto layer = layers[static_cast<int>(i)];
            const LayerTimesSpec& times = timed->cluster.times.layers[i];
            QCOMPARE(layer["name"].toString().toStdString(), plan.layers[i].name);
            QCOMPARE(layer["parameters"].toInteger(), plan.layers[i].parameters());
            QCOMPARE(layer["forward_ms"].toDouble(), times.forwardMs);
            QVERIFY(times.forwardMs > 0 && times.backwardInputMs >= 0 && times.backwardWeightMs > 0);
        }
        const Outcome run = call({"run", out, "--json", "--quiet"});
        QVERIFY2(run.code == 0, qPrintable(run.err));
        double compute = 0;  // of one batch at least
        for (const LayerTimesSpec& t : timed->cluster.times.layers)
            compute += t.forwardMs + t.backwardInputMs + t.backwardWeightMs;
        QVERIFY(run.json()["seconds"].toDouble() > compute * 1e-3);
    }

    void whatCantBeMeasured_isRefused() {
        const QString in =
            settings(R"({"run_on":"virtual","model":{"weights":"modelled"},"stop":{"steps":1}})");
        const Outcome modelled = call({"measure", in});
        QCOMPARE(modelled.code, 2);
        QVERIFY2(modelled.err.contains("model.weights: modelled, expected real"), qPrintable(modelled.err));
        const Outcome nowhere = call({"measure", in, "--out", "/no/such/folder/x.json"});
        QCOMPARE(nowhere.code, 2);
        QVERIFY2(nowhere.err.contains("--out"), qPrintable(nowhere.err));
    }
};

QTEST_GUILESS_MAIN(TestMeasure)
#include "tst_measure.moc"
