#include <QtTest>

#include "ui/draw/lane_layout.h"
#include "ui/draw/time_window.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

std::vector<LaneKey> lanesOf(int ranks) {
    std::vector<LaneKey> lanes;
    for (int rank = 0; rank < ranks; ++rank) {
        lanes.push_back({rank, Lane::Compute});
        lanes.push_back({rank, Lane::Communication});
    }
    return lanes;
}

}  // namespace

class tst_lane_layout : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void rows_fillWhatIsThereAndNeverOverlap_data() {
        QTest::addColumn<int>("ranks");
        QTest::addColumn<int>("available");
        QTest::addColumn<bool>("fits");
        QTest::newRow("ranks=1 available=150") << 1 << 150 << true;
        QTest::newRow("ranks=4 available=150") << 4 << 150 << true;
        QTest::newRow("ranks=8 available=150") << 8 << 150 << true;
        QTest::newRow("ranks=64 available=150") << 64 << 150 << false;
        QTest::newRow("ranks=4 available=0") << 4 << 0 << false;
    }
    void rows_fillWhatIsThereAndNeverOverlap() {
        QFETCH(int, ranks);
        QFETCH(int, available);
        QFETCH(bool, fits);
        const LaneLayout layout = LaneLayout::of(lanesOf(ranks), available);
        QCOMPARE(static_cast<int>(layout.rows.size()), 2 * ranks);
        QCOMPARE(layout.contentHeight <= available, fits);
        int bottom = 0;
        for (const LaneRow& row : layout.rows) {
            QVERIFY(row.top >= bottom);
            QVERIFY(row.height >= (row.lane == Lane::Compute ? 9 : 4));
            QCOMPARE(row.firstOfRank, row.lane == Lane::Compute);
            bottom = row.top + row.height;
        }
        QCOMPARE(bottom, layout.contentHeight);
    }

    void stages_haveTheirGhostAboveAndTheirMemoryBelow_data() {
        QTest::addColumn<int>("ranks");
        QTest::addColumn<int>("available");
        QTest::addColumn<bool>("ghosts");
        QTest::addColumn<bool>("memories");
        QTest::newRow("ranks=4 available=140") << 4 << 140 << true << true;
        QTest::newRow("ranks=4 available=400") << 4 << 400 << true << true;
        QTest::newRow("ranks=8 available=130") << 8 << 130 << true << false;
        QTest::newRow("ranks=8 available=90") << 8 << 90 << false << false;
        // What scrolls anyway shows all.
        QTest::newRow("ranks=64 available=140") << 64 << 140 << true << true;
    }
    void stages_haveTheirGhostAboveAndTheirMemoryBelow() {
        QFETCH(int, ranks);
        QFETCH(int, available);
        QFETCH(bool, ghosts);
        QFETCH(bool, memories);
        std::vector<LaneKey> lanes;
        for (int rank = 0; rank < ranks; ++rank) lanes.push_back({rank, Lane::Compute, true});
        const LaneLayout layout = LaneLayout::of(lanes, available);
        QCOMPARE(layout.contentHeight <= available, ranks < 64);
        int bottom = 0;
        for (std::size_t i = 0; i < layout.rows.size(); ++i) {
            const LaneRow& row = layout.rows[i];
            QVERIFY(row.upper() >= bottom && row.height >= 9);
            QCOMPARE(row.ghost > 0, ghosts);
            QCOMPARE(row.memory > 0, memories);
            bottom = row.lower();
            const int at = static_cast<int>(i);
            for (const auto& [y, part] :
                 {std::pair(row.upper(), ghosts ? RowPart::Ghost : RowPart::Lane),
                  std::pair(row.top, RowPart::Lane),
                  std::pair(row.lower() - 1, memories ? RowPart::Memory : RowPart::Lane)}) {
                QCOMPARE(layout.rowAt(y), at);
                QVERIFY(layout.partAt(at, y) == part);
            }
        }
        QCOMPARE(bottom, layout.contentHeight);
    }

    void rowAt_findsEveryRowAndNoGap() {
        const LaneLayout layout = LaneLayout::of(lanesOf(3), 200);
        for (std::size_t i = 0; i < layout.rows.size(); ++i) {
            QCOMPARE(layout.rowAt(layout.rows[i].top), static_cast<int>(i));
            QCOMPARE(layout.rowAt(layout.rows[i].top + layout.rows[i].height - 1), static_cast<int>(i));
        }
        QCOMPARE(layout.rowAt(layout.rows[2].top - 1), -1);
        QCOMPARE(layout.rowAt(-1), -1);
        QCOMPARE(layout.rowAt(layout.contentHeight), -1);
        QCOMPARE(LaneLayout::of({}, 100).rowAt(0), -1);
    }

    void zoom_keepsTheMomentUnderThePointer() {
        const TimeWindow window{2, 6};
        const TimeWindow closer = window.zoomed(4, 3);
        QCOMPARE(closer.length(), 1.0);
        QCOMPARE(closer.xOf(3, 800), window.xOf(3, 800));
        QCOMPARE(closer.zoomed(0.25, 3), window);
    }

    void window_staysWithTheRun() {
        QCOMPARE((TimeWindow{-50, -40}).within(100).begin, -2.0);
        QCOMPARE((TimeWindow{195, 200}).within(100).end, 102.0);
        const TimeWindow all = TimeWindow{-1000, 1000}.within(100);
        QCOMPARE(all.begin, -2.0);
        QCOMPARE(all.end, 102.0);
        QVERIFY((TimeWindow{5, 5}).within(100).length() >= TimeWindow::kShortest * 0.999);
        QCOMPARE((TimeWindow{10, 20}).within(100), (TimeWindow{10, 20}));
    }
};

QTEST_GUILESS_MAIN(tst_lane_layout)
#include "tst_lane_layout.moc"
