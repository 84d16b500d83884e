// The topologies a person can choose from: each a run of its own, nothing else about the run changed.
#include <QMenu>
#include <QTemporaryDir>
#include <QTest>
#include <set>

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
    }
};

QTEST_MAIN(TestTopologies)
#include "tst_topologies.moc"
