#include <QtTest>

#include "engine/algorithms/clock_spread.h"

using namespace rondo;

class TestClockSpread : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void spread_isBetweenTheFastestAndTheSlowest() {
        ClockSpread spread(3);
        spread.advance(Rank{0}, 1);
        spread.advance(Rank{0}, 4);
        spread.measure();
        QCOMPARE(spread.most(), 4);
        for (const int rank : {1, 2}) spread.advance(Rank{rank}, 4);
        spread.measure();
        spread.advance(Rank{2}, 6);
        spread.measure();
        QCOMPARE(spread.most(), 4);
    }

    void thoseWhoAdvanceAtTheSameMoment_areNeverApart() {
        ClockSpread spread(2);
        for (int clock = 1; clock < 5; ++clock) {
            for (const int rank : {0, 1}) spread.advance(Rank{rank}, clock);
            spread.measure();
        }
        QCOMPARE(spread.most(), 0);
    }
};

QTEST_GUILESS_MAIN(TestClockSpread)
#include "tst_clock_spread.moc"
