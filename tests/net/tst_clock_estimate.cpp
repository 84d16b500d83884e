#include <QtTest>

#include "net/membership/clock_estimate.h"

using namespace rondo;
using namespace rondo::net;
using namespace std::chrono_literals;

namespace {

/// An exchange with a clock that is ahead by `offset`, taking `out` there, `held` by the other, `home` back.
ClockExchange exchange(Nanoseconds at, Nanoseconds offset, Nanoseconds out, Nanoseconds home,
                       Nanoseconds held = 10us) {
    return {at, at + out + offset, at + out + held + offset, at + out + held + home};
}

}  // namespace

class TestClockEstimate : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void nothingHeard_nothingKnown() {
        ClockEstimate clock;
        QVERIFY(!clock.known());
        QCOMPARE(clock.offset(), Nanoseconds{0});
    }

    void equalWays_giveTheExactOffset_data() {
        QTest::addColumn<qint64>("offset");
        QTest::newRow("ahead by a day") << qint64{86'400'000'000'000};
        QTest::newRow("behind by 3 ms") << qint64{-3'000'000};
        QTest::newRow("the same") << qint64{0};
    }
    void equalWays_giveTheExactOffset() {
        QFETCH(qint64, offset);
        ClockEstimate clock;
        QVERIFY(clock.add(exchange(5s, Nanoseconds{offset}, 200us, 200us, 3ms)));
        QCOMPARE(clock.offset(), Nanoseconds{offset});
        QCOMPARE(clock.roundTrip(), Nanoseconds{400us});
        QCOMPARE(clock.uncertainty(), Nanoseconds{200us});
    }

    void unequalWays_stayWithinTheUncertainty() {
        for (int out = 0; out <= 1000; out += 50) {
            ClockEstimate clock;
            QVERIFY(clock.add(
                exchange(1s, 7ms, std::chrono::microseconds(out), std::chrono::microseconds(1000 - out))));
            const Nanoseconds wrong = clock.offset() - 7ms;
            QVERIFY2(wrong <= clock.uncertainty() && -wrong <= clock.uncertainty(),
                     qPrintable(QString::number(out)));
        }
    }

    void queueOnTheWay_isOutvotedByTheQuickest() {
        ClockEstimate clock;
        clock.add(exchange(1s, 2ms, 100us, 100us));
        for (int i = 0; i < 15; ++i) clock.add(exchange(2s + i * 1s, 2ms, 40ms, 100us));
        QCOMPARE(clock.offset(), Nanoseconds{2ms});
        QCOMPARE(clock.roundTrip(),
                 Nanoseconds{40ms + 100us});  // what it is now, not what it was at its best
    }

    void clocksDrift_soTheSeventeenthIsForgotten() {
        ClockEstimate clock;
        clock.add(exchange(1s, 2ms, 1us, 1us));
        for (int i = 0; i < 16; ++i) clock.add(exchange(2s + i * 1s, 9ms, 300us, 300us));
        QCOMPARE(clock.offset(), Nanoseconds{9ms});
        QCOMPARE(clock.exchanges(), ClockEstimate::kKept);
    }

    void impossibleTimes_areLeftOut() {
        ClockEstimate clock;
        QVERIFY(!clock.add({2s, 5s, 5s, 1s}));   // back before it was sent
        QVERIFY(!clock.add({1s, 6s, 5s, 2s}));   // answered before it arrived
        QVERIFY(!clock.add({1s, 5s, 9s, 2s}));   // held for longer than the way took
        QVERIFY(!clock.add({1s, 5s, 5s, 60s}));  // a minute on the way
        QVERIFY(!clock.add({1s, Nanoseconds::min(), Nanoseconds::max(), 2s}));
        QVERIFY(!clock.known());
    }
};

QTEST_GUILESS_MAIN(TestClockEstimate)
#include "tst_clock_estimate.moc"
