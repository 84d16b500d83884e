#include <QtTest>

#include "tests/support/ring_run.h"
#include "ui/widgets/topology_view.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::RingRun;

class tst_topology_view : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void click_selectsWorkerLinkOrNothing() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        store.apply(RingRun{}.all());
        show(view);
        QTest::mouseClick(&view, Qt::LeftButton, {}, {280, 60});  // the card at the top
        QCOMPARE(focus.rank(), std::optional(0));
        QTest::mouseClick(&view, Qt::LeftButton, {}, {480, 227});  // at the right
        QCOMPARE(focus.rank(), std::optional(1));
        QTest::mouseClick(&view, Qt::LeftButton, {}, {380, 143});  // the band between the two
        QCOMPARE(focus.link(), std::optional(LinkId{0, 1}));
        QVERIFY(!focus.rank());
        QTest::mouseClick(&view, Qt::LeftButton, {}, {280, 227});
        QVERIFY(!focus.rank() && !focus.link());
    }

    void arrows_moveTheSelection() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        store.apply(RingRun{}.all());
        show(view);
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(focus.rank(), std::optional(0));
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(focus.rank(), std::optional(1));
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(focus.rank(), std::optional(2));
        QTest::keyClick(&view, Qt::Key_Escape);
        QVERIFY(!focus.rank());
    }

    void rightClick_selectsAndAsksForTheMenu() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        QSignalSpy wanted(&view, &TopologyView::menuWanted);
        store.apply(RingRun{}.all());
        show(view);
        const auto rightClick = [&](QPoint at) {
            QContextMenuEvent event(QContextMenuEvent::Mouse, at, view.mapToGlobal(at));
            QApplication::sendEvent(&view, &event);
        };
        rightClick({480, 227});
        QCOMPARE(focus.rank(), std::optional(1));
        QCOMPARE(wanted.count(), 1);
        rightClick({380, 143});
        QCOMPARE(focus.link(), std::optional(LinkId{0, 1}));
        QCOMPARE(wanted.count(), 2);
        rightClick({280, 227});  // nobody
        QCOMPARE(wanted.count(), 2);
    }

    void menuKeys_askForTheMenuOfWhatIsSelected() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        QSignalSpy wanted(&view, &TopologyView::menuWanted);
        store.apply(RingRun{}.all());
        show(view);
        QTest::keyClick(&view, Qt::Key_F10, Qt::ShiftModifier);
        QCOMPARE(focus.rank(), std::optional(0));
        QCOMPARE(wanted.count(), 1);
        focus.selectLink(LinkId{2, 3});
        QContextMenuEvent event(QContextMenuEvent::Keyboard, {}, {});
        QApplication::sendEvent(&view, &event);
        QCOMPARE(focus.link(), std::optional(LinkId{2, 3}));
        QCOMPARE(wanted.count(), 2);
    }

    void keyL_goesThroughTheLinksOfAWorker() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        RunSpec spec;
        spec.algorithm = GossipAlgorithm{};
        view.setPreview(spec);
        show(view);
        focus.selectRank(1);
        QTest::keyClick(&view, Qt::Key_L);
        QCOMPARE(focus.link(), std::optional(LinkId{1, 0}));
        QTest::keyClick(&view, Qt::Key_L);
        QCOMPARE(focus.link(), std::optional(LinkId{1, 2}));
        QTest::keyClick(&view, Qt::Key_L);
        QCOMPARE(focus.link(), std::optional(LinkId{1, 0}));
    }

    void links_areDrawnOnlyBeforeARun() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        RunSpec spec;
        GossipAlgorithm graph;
        graph.graph = GraphKind::Edges;
        spec.algorithm = graph;
        view.setPreview(spec);
        QVERIFY(view.drawable());
        store.apply(RingRun{}.all());
        QVERIFY(!view.drawable());
        store.clear();
        QVERIFY(view.drawable());
        spec.workers = 1000;
        view.setPreview(spec);
        QVERIFY(!view.drawable());
    }

    void preview_isDrawnWithoutARun() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        show(view);
        RunSpec three;
        three.workers = 3;
        view.setPreview(three);
        const QImage ring = view.grab().toImage();
        three.workers = 6;
        view.setPreview(three);
        QVERIFY(view.grab().toImage() != ring);
    }

    void clearedRun_leavesThePictureToTheSettings() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        show(view);
        RunSpec six;
        six.workers = 6;
        view.setPreview(six);
        const QImage settings = view.grab().toImage();
        store.apply(RingRun{}.all());
        const QImage run = view.grab().toImage();
        QVERIFY(run != settings);
        six.algorithm = GossipAlgorithm{};
        view.setPreview(six);  // not while there is a run
        QCOMPARE(view.grab().toImage(), run);
        six.algorithm = AllReduceAlgorithm{};
        view.setPreview(six);
        store.clear();
        QCOMPARE(view.grab().toImage(), settings);
    }

    void dots_onlyForMessagesThatArriveWhileWatching() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        show(view);
        RingRun run{.ended = false};
        store.apply(run.start());
        const QImage still = view.grab().toImage();
        std::vector<Event> one;
        for (const Event& event : run.step(0)) {
            if (std::holds_alternative<Message>(event) && one.empty()) one.push_back(event);
        }
        store.apply(one);
        QTRY_VERIFY(view.grab().toImage() != still);
    }

    void ofManyWorkers_eachIsSeen_data() {
        QTest::addColumn<QString>("theme");
        for (const char* name : {"light", "dark", "projector"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void ofManyWorkers_eachIsSeen() {
        QFETCH(QString, theme);
        const Theme& colours = Theme::byName(theme);
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        view.setTheme(colours);
        std::vector<Event> events = RingRun{.workers = 256, .steps = 1}.all();
        store.apply(events);
        view.resize(560, 430);
        const QImage image = view.grab().toImage();
        const auto layout =
            TopologyLayout::of(256, linksOf(store.spec()), {560.0, 430.0 - colours.fontPixels - 11},
                               QFontMetricsF(bodyFont(colours)).height());
        int seen = 0;
        for (const QRectF& card : layout.cards) {
            const QPointF at = card.center() + QPointF(0, colours.fontPixels + 11);
            const QPoint pixel(static_cast<int>(at.x()), static_cast<int>(at.y()));
            seen += Theme::contrast(image.pixelColor(pixel), colours.panel) >= 2.5;
        }
        QCOMPARE(seen, 256);
    }

    void anySizeAndAnyNumberOfWorkers_paints_data() {
        QTest::addColumn<int>("workers");
        QTest::addColumn<QSize>("size");
        for (const int workers : {1, 2, 5, 64, 1000}) {
            for (const QSize size : {QSize(20, 20), QSize(280, 200), QSize(900, 600)}) {
                QTest::addRow("workers=%d size=%dx%d", workers, size.width(), size.height())
                    << workers << size;
            }
        }
    }
    void anySizeAndAnyNumberOfWorkers_paints() {
        QFETCH(int, workers);
        QFETCH(QSize, size);
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        store.apply(RingRun{.workers = workers, .steps = workers > 100 ? 0 : 2}.all());
        view.resize(size);
        QCOMPARE(view.grab().toImage().size(), size * view.devicePixelRatioF());
    }

  private:
    void show(QWidget& view) {
        view.resize(560, 430);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
    }
};

QTEST_MAIN(tst_topology_view)
#include "tst_topology_view.moc"
