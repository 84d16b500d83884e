// The topologies a person can choose from: each a run of its own, nothing else about the run changed.
#include <QMenu>
#include <QTemporaryDir>
#include <QTest>
#include <boost/json/parse.hpp>
#include <set>

#include "engine/config/run_spec_json.h"
#include "engine/config/validate.h"
#include "ui/setup/topologies.h"
#include "ui/window/main_window.h"

using namespace rondo;
using namespace rondo::ui;

class TestTopologies final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void choices_areAllDifferentAndCanRun() {
        RunSpec spec;
        spec.workers = 4;
        spec.cluster.groups.size = 2;
        spec.stop.steps = 10;
        const auto all = topologiesFor(spec);
        std::set<QString> names;
        for (const Topology& one : all) {
            QVERIFY(names.insert(one.family + one.name).second);
            QVERIFY2(whyNot(spec, one.algorithm).isEmpty(),
                     qPrintable(one.name + ": " + whyNot(spec, one.algorithm)));
            for (const Topology& other : all)
                QCOMPARE(sameTopology(one.algorithm, other.algorithm), &one == &other);
        }
    }

    void modelInParts_getsWhatItNeedsToRun_data() {
        QTest::addColumn<QString>("settings");
        const std::pair<const char*, const char*> starts[] = {
            {"as it is", "{}"},
            {"one worker", R"({"workers": 1, "algorithm": {"kind": "single"}})"},
            {"five workers", R"({"workers": 5})"},
            {"sixteen workers", R"({"workers": 16})"},
            {"batch of a prime", R"({"batch": 31})"},
            {"batch of one", R"({"batch": 1})"},
            {"logistic", R"({"model": {"kind": "logistic"}})"},
            {"least squares", R"({"model": {"kind": "least_squares"}})"},
            {"odd widths", R"({"model": {"kind": "mlp", "hidden": [33, 7]}})"},
            {"cnn", R"({"workers": 8, "model": {"kind": "cnn"}})"},
            {"resnet20", R"({"workers": 8, "model": {"kind": "resnet20"}})"},
            {"transformer", R"({"workers": 8, "data": {"kind": "sequences"},
                                "model": {"kind": "transformer", "layers": 1, "width": 30, "heads": 3}})"},
            {"points", R"({"data": {"kind": "spirals"}})"},
            {"compressed", R"({"compression": {"kind": "top_k"}})"},
            {"the same shard", R"({"split": {"kind": "same"}})"},
            {"cut by hand", R"({"algorithm": {"kind": "pipeline", "cut": "hand", "cut_at": [1, 2, 3],
                                              "freeze_layers": 3, "micro_batches": 4},
                                "model": {"kind": "mlp", "hidden": [20, 20, 20]}})"},
            {"measured layers", R"({"run_on": "virtual", "cluster": {"times": {"layers": [
                                    {"forward_ms": 1}, {"forward_ms": 1}, {"forward_ms": 1}]}}})"},
        };
        for (const auto& [name, text] : starts) QTest::newRow(name) << QString::fromLatin1(text);
    }
    void modelInParts_getsWhatItNeedsToRun() {
        QFETCH(QString, settings);
        boost::json::object json = boost::json::parse(settings.toStdString()).as_object();
        json["stop"] = {{"steps", 10}};
        const auto start = runSpecFrom(json);
        QVERIFY2(start.ok(), start ? "" : start.error().c_str());
        int inParts = 0;
        for (const Topology& first : topologiesFor(*start)) {
            if (!whyNot(*start, first.algorithm).isEmpty()) {
                QVERIFY2(first.family != "Model in parts",
                         qPrintable(first.name + ": " + whyNot(*start, first.algorithm)));
                continue;
            }
            const RunSpec there = settingsWith(*start, first.algorithm);
            QCOMPARE(QString::fromStdString(textOf(validate(there))), QString());
            QCOMPARE(there.algorithm.index(), first.algorithm.index());
            if (!cutsModel(there)) continue;
            ++inParts;
            // And from there to any other, and back.
            for (const Topology& second : topologiesFor(there)) {
                if (second.name == "Hierarchical") continue;  // wants groups
                const RunSpec on = settingsWith(there, second.algorithm);
                QVERIFY2(validate(on).empty(), qPrintable(first.name + " to " + second.name + ": " +
                                                          QString::fromStdString(textOf(validate(on)))));
                for (const Topology& third : topologiesFor(on))
                    if (sameTopology(third.algorithm, first.algorithm))
                        QVERIFY(whyNot(on, third.algorithm).isEmpty());
            }
        }
        QCOMPARE(inParts, 7);
    }

    void pipelineThatCanRun_changesNothingElse() {
        RunSpec spec;
        spec.workers = 3;
        spec.batch = 30;
        spec.stop.steps = 10;
        for (const Topology& one : topologiesFor(spec)) {
            if (one.name != "Pipeline, 1F1B") continue;
            RunSpec with = settingsWith(spec, one.algorithm);
            QCOMPARE(stagesOf(with)->microBatches, 5);  // the first divisor that is at least 2·3 − 1
            with.algorithm = spec.algorithm;
            QVERIFY(with == spec);
        }
    }

    void choiceOfTheSameFamily_keepsWhatElseWasSet() {
        RunSpec spec;
        spec.algorithm = AllReduceAlgorithm{.collective = Collective::Ring, .bucketMb = 3};
        for (const Topology& one : topologiesFor(spec))
            if (const auto* sums = std::get_if<AllReduceAlgorithm>(&one.algorithm))
                QCOMPARE(sums->bucketMb, 3.0);
    }

    void choiceThatCantRun_saysWhy() {
        RunSpec spec;
        spec.workers = 4;
        AllReduceAlgorithm groups{.collective = Collective::Hierarchical};
        spec.stop.steps = 10;
        QVERIFY(whyNot(spec, groups).contains("cluster.groups.size"));
    }

    void twoClicks_changeTheAlgorithmAndOneUndoTakesItBack() {
        QTemporaryDir folder;
        MainWindow window({.engine = {folder.filePath("no-engine")},
                           .resources = QStringLiteral(RONDO_ROOT "/resources"),
                           .recordings = folder.filePath("recordings"),
                           .sessionFile = folder.filePath("session.ini")});
        window.restoreSession(false);
        const RunSpec before = window.document().validSpec();
        QMenu* menu = nullptr;
        for (QMenu* one : window.findChildren<QMenu*>())
            if (one->title() == "&Topology") menu = one;
        QVERIFY(menu);
        Q_EMIT menu->aboutToShow();
        int checked = 0;
        for (QAction* entry : menu->actions()) checked += entry->isChecked();
        QCOMPARE(checked, 1);
        for (QAction* entry : menu->actions())
            if (entry->text() == "Asynchronous") {
                entry->trigger();
                break;
            }
        RunSpec expected = before;
        expected.algorithm = ParameterServerAlgorithm{.mode = ServerMode::Async};
        QVERIFY(window.document().validSpec() == expected);
        window.document().undoStack().undo();
        QVERIFY(window.document().validSpec() == before);
        // More hidden layers come with it, and it is still one change.
        Q_EMIT menu->aboutToShow();
        for (QAction* entry : menu->actions())
            if (entry->text() == "Pipeline, interleaved") {
                entry->trigger();
                break;
            }
        QVERIFY(window.document().problems().empty());
        QCOMPARE(stagesOf(window.document().validSpec())->chunks, 2);
        window.document().undoStack().undo();
        QVERIFY(window.document().validSpec() == before);
    }
};

QTEST_MAIN(TestTopologies)
#include "tst_topologies.moc"
