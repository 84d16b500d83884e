#include <QDir>
#include <QtTest>

#include "engine/config/run_spec_json.h"
#include "engine/config/validate.h"
#include "ui/setup/reference.h"
#include "ui/store/spec_difference.h"

using namespace rondo;
using namespace rondo::ui;

class tst_reference : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyPreset_hasAReferenceThatRuns_data() {
        QTest::addColumn<QString>("file");
        const QDir runs(RONDO_ROOT "/resources/runs");
        for (const QString& file : runs.entryList({"*.json"}))
            if (file != "presets.json") QTest::newRow(qPrintable(file)) << runs.filePath(file);
    }
    void everyPreset_hasAReferenceThatRuns() {
        QFETCH(QString, file);
        const auto spec = loadRunSpec(file.toStdString());
        QVERIFY(spec.ok());
        const RunSpec alone = referenceOf(*spec);
        QVERIFY2(validate(alone).empty(), textOf(validate(alone)).c_str());
        QVERIFY(isReference(alone));
        QCOMPARE(alone.batch, spec->batch * spec->workers);
        QCOMPARE(alone.seed, spec->seed);
        QVERIFY(alone.data == spec->data && alone.model == spec->model && alone.optimizer == spec->optimizer);
    }

    void rounds_becomeSteps_data() {
        QTest::addColumn<int>("rounds");
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("then");
        QTest::newRow("rounds only") << 50 << 0 << 50;
        QTest::newRow("fewer rounds") << 50 << 80 << 50;
        QTest::newRow("fewer steps") << 50 << 30 << 30;
    }
    void rounds_becomeSteps() {
        QFETCH(int, rounds);
        QFETCH(int, steps);
        QFETCH(int, then);
        RunSpec spec;
        spec.stop.rounds = rounds;
        if (steps > 0) spec.stop.steps = steps;
        const RunSpec alone = referenceOf(spec);
        QVERIFY(!alone.stop.rounds);
        QCOMPARE(*alone.stop.steps, std::int64_t(then));
    }

    void typedInTimes_growWithTheBatch() {
        RunSpec spec;
        spec.runOn = RunOn::Virtual;
        spec.workers = 8;
        spec.cluster.times = {.forwardMs = 2, .backwardInputMs = 3, .updateMs = 1, .messageMs = 4};
        spec.cluster.overrides = {{.worker = 5, .speed = 0.25}};
        spec.faults = {FaultSpec{}};
        spec.stop.steps = 3;
        const RunSpec alone = referenceOf(spec);
        QCOMPARE(*alone.cluster.times.forwardMs, 16.0);
        QCOMPARE(*alone.cluster.times.backwardInputMs, 24.0);
        QVERIFY(!alone.cluster.times.backwardWeightMs);
        QCOMPARE(*alone.cluster.times.updateMs, 1.0);  // as many weights as ever
        QVERIFY(!alone.cluster.times.messageMs);
        QVERIFY(alone.faults.empty());
        QVERIFY(validate(alone).empty());
    }

    void difference_isSaidInTheWordsOfTheForm_data() {
        QTest::addColumn<QString>("change");
        QTest::addColumn<QString>("words");
        QTest::newRow("nothing") << ""
                                 << "";
        QTest::newRow("name") << "name=Other"
                              << "";
        QTest::newRow("number") << "batch=64"
                                << "batch 64";
        QTest::newRow("choice") << "algorithm.collective=tree"
                                << "collective tree";
        QTest::newRow("another kind") << "algorithm.kind=gossip"
                                      << "gossip ring";
        QTest::newRow("another kind, of some mode") << "algorithm.kind=parameter_server algorithm.mode=async"
                                                    << "parameter-server async";
        QTest::newRow("optional") << "stop.epochs=3"
                                  << "epochs 3";
        QTest::newRow("several") << "batch=64 seed=2"
                                 << "seed 2, batch 64";
        QTest::newRow("many") << "batch=64 seed=2 workers=3 evaluate_every=7"
                              << "seed 2, workers 3, batch 64, …";
    }
    void difference_isSaidInTheWordsOfTheForm() {
        QFETCH(QString, change);
        QFETCH(QString, words);
        RunSpec usual;
        usual.stop.steps = 100;
        auto json = toJson(usual);
        for (const QString& one : change.split(' ', Qt::SkipEmptyParts)) {
            auto changed = withAssignment(json, one.toStdString());
            QVERIFY(changed.ok());
            json = *changed;
        }
        const auto spec = runSpecFrom(json);
        QVERIFY(spec.ok());
        QCOMPARE(differenceWords(*spec, usual), words);
    }
};

QTEST_GUILESS_MAIN(tst_reference)
#include "tst_reference.moc"
