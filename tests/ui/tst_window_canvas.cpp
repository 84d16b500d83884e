// What a person does to workers and links in the window: faults for the next run, graphs drawn by hand.
#include <QMenu>
#include <QPushButton>
#include <QtTest>

#include "tests/support/made_window.h"
#include "ui/setup/setup_form.h"
#include "ui/widgets/topology_view.h"
#include "ui/window/fault_menu.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::WindowFolder;

class TestWindowCanvas : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<WindowFolder>();
        window_ = folder_->open(false);
        window_->show();
        QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
        topology_ = window_->findChild<TopologyView*>();
        QVERIFY(topology_);
    }
    void cleanup() {
        window_.reset();
        folder_.reset();
    }

    void namedGraph_becomesOneThatCanBeDrawnOn_andUndoBringsItBack() {
        gossip(GraphKind::Ring);
        QVERIFY(!topology_->drawable());
        auto* edit = topology_->findChild<QPushButton*>();
        QVERIFY(edit->isVisible());
        edit->click();
        QVERIFY(topology_->drawable());
        QVERIFY(!edit->isVisible());
        QCOMPARE(graph().graph, GraphKind::Edges);
        QCOMPARE(graph().edges.size(), std::size_t{6});
        window_->document().undoStack().undo();
        QCOMPARE(graph().graph, GraphKind::Ring);
        QVERIFY(graph().edges.empty());
    }

    void dragging_linksTwoWorkers_andUndoTakesItAway() {
        gossip(GraphKind::Edges);
        QVERIFY(graph().edges.empty());
        drag(0, 3);
        QCOMPARE(graph().edges, (Edges{{0, 3}}));
        drag(3, 0);  // it is there already
        QCOMPARE(graph().edges, (Edges{{0, 3}}));
        drag(4, 1);
        QCOMPARE(graph().edges, (Edges{{0, 3}, {1, 4}}));
        window_->document().undoStack().undo();
        QCOMPARE(graph().edges, (Edges{{0, 3}}));
    }

    void draggingIntoTheVoid_changesNothing() {
        gossip(GraphKind::Edges);
        const QPoint from = placeOf(0);
        QTest::mousePress(topology_, Qt::LeftButton, {}, from);
        QTest::mouseMove(topology_, topology_->rect().center());
        QTest::mouseRelease(topology_, Qt::LeftButton, {}, topology_->rect().center());
        QVERIFY(graph().edges.empty());
    }

    void deleteKey_removesTheSelectedLink() {
        gossip(GraphKind::Edges);
        drag(0, 3);
        drag(1, 2);
        QTest::mouseClick(topology_, Qt::LeftButton, {}, placeOf(0));
        QTest::keyClick(topology_, Qt::Key_L);
        QTest::keyClick(topology_, Qt::Key_Delete);
        QCOMPARE(graph().edges, (Edges{{1, 2}}));
        QTest::keyClick(topology_, Qt::Key_Delete);  // nothing is selected any more
        QCOMPARE(graph().edges, (Edges{{1, 2}}));
    }

    void graphWithAName_isNotChangedByDragging() {
        gossip(GraphKind::Ring);
        drag(0, 3);
        QCOMPARE(graph().graph, GraphKind::Ring);
    }

    void anotherGraphInTheForm_takesTheDrawnLinksAway() {
        gossip(GraphKind::Edges);
        drag(0, 3);
        window_->document().change("algorithm.graph", "ring", false);
        QVERIFY(window_->document().problems().empty());
        QVERIFY(graph().edges.empty());
        window_->document().undoStack().undo();
        QCOMPARE(graph().edges, (Edges{{0, 3}}));
    }

    void withoutARun_theMenuAddsAFaultToTheSettings_undoably() {
        QTest::mouseClick(topology_, Qt::LeftButton, {}, placeOf(2));
        QMenu menu;
        window_->findChild<FaultMenu*>()->fill(menu);
        QAction* pause = actionWith(menu, "Pause");
        QVERIFY(pause && pause->isEnabled());
        pause->trigger();
        QCOMPARE(window_->document().validSpec().faults.size(), std::size_t{1});
        const FaultSpec& fault = window_->document().validSpec().faults[0];
        QCOMPARE(fault.kind, FaultKind::Pause);
        QCOMPARE(fault.worker, 2);
        QVERIFY(fault.atStep && fault.forSeconds);
        QVERIFY(window_->setup().editor("faults.0.for_seconds")->isVisible());
        window_->document().undoStack().undo();
        QVERIFY(window_->document().validSpec().faults.empty());
    }

    void menuOfWorker0_saysWhyItCanNotLeave() {
        QTest::mouseClick(topology_, Qt::LeftButton, {}, placeOf(0));
        QMenu menu;
        window_->findChild<FaultMenu*>()->fill(menu);
        QAction* kill = actionWith(menu, "Remove for good");
        QVERIFY(kill && !kill->isEnabled());
        QVERIFY(kill->toolTip().contains("books"));
        QVERIFY(menu.toolTipsVisible());
    }

    void nothingSelected_noMenu() {
        QMenu menu;
        window_->findChild<FaultMenu*>()->fill(menu);
        QVERIFY(menu.isEmpty());
    }

    void menuOfLinks_whenDrawing_isReachedByKeys() {
        gossip(GraphKind::Edges);
        drag(0, 3);
        QTest::mouseClick(topology_, Qt::LeftButton, {}, placeOf(0));
        QTest::keyClick(topology_, Qt::Key_L);
        bool seen = false;
        QTimer::singleShot(0, this, [&] {
            auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
            QVERIFY(menu);
            QAction* remove = actionWith(*menu, "Remove this link");
            QVERIFY(remove);
            seen = true;
            remove->trigger();
            menu->close();
        });
        QTest::keyClick(topology_, Qt::Key_F10, Qt::ShiftModifier);
        QVERIFY(seen);
        QVERIFY(graph().edges.empty());
    }

  private:
    using Edges = std::vector<std::pair<std::int64_t, std::int64_t>>;
    void gossip(GraphKind kind) {
        RunSpec spec;
        spec.workers = 6;
        spec.runOn = RunOn::Virtual;
        GossipAlgorithm algorithm;
        algorithm.graph = kind;
        spec.algorithm = algorithm;
        spec.stop.steps = 100;
        window_->document().load(spec);
    }
    const GossipAlgorithm& graph() const {
        return std::get<GossipAlgorithm>(window_->document().validSpec().algorithm);
    }
    /// Where a worker's card is: found as a person does, by looking.
    QPoint placeOf(int rank) const {
        for (int y = 20; y < topology_->height(); y += 6)
            for (int x = 4; x < topology_->width(); x += 6)
                if (topology_->rankAt(QPointF(x, y)) == rank) return {x + 6, y + 6};
        return {};
    }
    void drag(int from, int to) {
        const QPoint a = placeOf(from), b = placeOf(to);
        QVERIFY(!a.isNull() && !b.isNull());
        QTest::mousePress(topology_, Qt::LeftButton, {}, a);
        QTest::mouseMove(topology_, (a + b) / 2);
        QTest::mouseMove(topology_, b);
        QTest::mouseRelease(topology_, Qt::LeftButton, {}, b);
    }
    static QAction* actionWith(const QMenu& menu, const QString& words) {
        for (QAction* action : menu.actions())
            if (action->text().contains(words)) return action;
        return nullptr;
    }

    std::unique_ptr<WindowFolder> folder_;
    std::unique_ptr<MainWindow> window_;
    TopologyView* topology_ = nullptr;
};

QTEST_MAIN(TestWindowCanvas)
#include "tst_window_canvas.moc"
