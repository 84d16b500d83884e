#include <QtTest>

#include "ui/draw/busy_cells.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

/// Steps of 100 ns: `work` of them forward, the rest waiting.
std::vector<LaneSpan> steps(int count, std::int64_t work) {
    std::vector<LaneSpan> spans;
    for (int i = 0; i < count; ++i) {
        const std::int64_t begin = i * 100;
        spans.push_back({begin, begin + work, i, kNone, Phase::Forward});
        spans.push_back({begin + work, begin + 100, i, kNone, Phase::Wait});
    }
    return spans;
}

}  // namespace

class tst_busy_cells : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void waitingMostOfTheTime_isStillSeenAsWork() {
        const int count = 100'000;
        std::vector<BusyCell> cells;
        busyCells(steps(count, 10), {0, count * 100e-9}, 900, cells);
        QCOMPARE(cells.size(), std::size_t{300});
        for (const BusyCell& cell : cells) {
            QVERIFY(cell.right - cell.left <= 3);
            QCOMPARE(cell.phase, Phase::Forward);
            QVERIFY2(cell.share > 0.03 && cell.share < 0.25, qPrintable(QString::number(cell.share)));
        }
    }

    void share_isThatOfTheCellsTime() {
        std::vector<BusyCell> cells;
        busyCells(steps(4, 50), {0, 400e-9}, 400, cells, 25);
        QCOMPARE(cells.size(), std::size_t{8});  // two full cells, then two of nothing but waiting
        for (const BusyCell& cell : cells) {
            QCOMPARE(cell.share, 1.0);
            QVERIFY(static_cast<int>(cell.left) % 100 < 50);
        }
        busyCells(steps(4, 50), {0, 400e-9}, 400, cells, 100);
        QCOMPARE(cells.size(), std::size_t{4});
        for (const BusyCell& cell : cells) QCOMPARE(cell.share, 0.5);
    }

    void timeWithoutWork_hasNoCell() {
        std::vector<BusyCell> cells;
        busyCells(steps(10, 0), {0, 1e-6}, 100, cells);
        QVERIFY(cells.empty());
        busyCells({}, {0, 1e-6}, 100, cells);
        QVERIFY(cells.empty());
        busyCells(steps(10, 100), {2e-6, 3e-6}, 100, cells);
        QVERIFY(cells.empty());
    }
};

QTEST_GUILESS_MAIN(tst_busy_cells)
#include "tst_busy_cells.moc"
