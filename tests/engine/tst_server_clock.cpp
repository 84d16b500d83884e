// The rules of a server that goes by clocks, without a network.
#include <QtTest>

#include "engine/algorithms/server_clock.h"

using namespace rondo;

namespace {

std::vector<int> valuesOf(const std::vector<Rank>& ranks) {
    std::vector<int> values;
    for (const Rank rank : ranks) values.push_back(rank.value);
    return values;
}

void push(ServerClock& clock, int worker, float value) {
    clock.push(Rank{worker}, std::span(&value, 1));
}

}  // namespace

class TestServerClock : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void update_waitsForEveryoneAndSumsInRankOrder() {
        ServerClock clock(3, 3, 0, 1);
        // In floats, 1 + 1e8 − 1e8 is 0 and −1e8 + 1e8 + 1 is 1.
        push(clock, 2, -1e8f);
        push(clock, 1, 1e8f);
        QVERIFY(!clock.takeUpdate());
        QVERIFY(clock.takeAnswers().empty());
        push(clock, 0, 1);
        const auto update = clock.takeUpdate();
        QVERIFY(update);
        QCOMPARE(update->gradient, std::vector<float>{0});
        QCOMPARE(update->gradients, 3);
        QCOMPARE(valuesOf(clock.takeAnswers()), (std::vector<int>{0, 1, 2}));
        QVERIFY(clock.takeAnswers().empty());
        QCOMPARE(clock.version(), 1);
        QVERIFY(!clock.takeUpdate());
    }

    void staleness_letsAWorkerBeSoManyClocksAhead_data() {
        QTest::addColumn<int>("bound");
        for (const int bound : {0, 1, 2, 5}) QTest::addRow("s=%d", bound) << bound;
    }
    void staleness_letsAWorkerBeSoManyClocksAhead() {
        QFETCH(int, bound);
        ServerClock clock(2, 2, bound, 1);
        for (int ahead = 0; ahead < bound; ++ahead) {
            push(clock, 0, 1);
            QCOMPARE(valuesOf(clock.takeAnswers()), std::vector<int>{0});
        }
        push(clock, 0, 1);
        QVERIFY(clock.takeAnswers().empty());  // it stands at clock s + 1
        QCOMPARE(clock.clockOf(Rank{0}), bound + 1);
        push(clock, 1, 2);
        const auto update = clock.takeUpdate();
        QVERIFY(update);
        QCOMPARE(update->gradient, std::vector<float>{3});
        QCOMPARE(valuesOf(clock.takeAnswers()), (std::vector<int>{0, 1}));
        QVERIFY(!clock.takeUpdate());
    }

    void staleness_countsFromTheParametersAGradientWasComputedWith() {
        ServerClock clock(2, 2, 1, 1);
        push(clock, 0, 1);  // clock 0
        QCOMPARE(valuesOf(clock.takeAnswers()), std::vector<int>{0});
        push(clock, 0, 1);  // clock 1, with the parameters of version 0 still
        push(clock, 1, 1);  // clock 0
        auto first = clock.takeUpdate();
        QCOMPARE(first->staleness, (std::vector<std::pair<Rank, std::int64_t>>{{Rank{0}, 0}, {Rank{1}, 0}}));
        QCOMPARE(clock.takeAnswers().size(), 2u);
        push(clock, 1, 1);  // clock 1, with version 1
        auto second = clock.takeUpdate();
        QCOMPARE(second->staleness, (std::vector<std::pair<Rank, std::int64_t>>{{Rank{0}, 1}, {Rank{1}, 0}}));
    }

    void slowestGradient_isDroppedAndItsWorkerGoesOnWithTheOthers() {
        ServerClock clock(3, 2, 0, 1);
        for (int step = 0; step < 3; ++step) {
            push(clock, 0, 1);
            QVERIFY(!clock.takeUpdate());
            push(clock, 1, 1);
            QCOMPARE(clock.takeUpdate()->gradients, 2);
            QCOMPARE(valuesOf(clock.takeAnswers()), (std::vector<int>{0, 1}));
        }
        const float late = 7;
        QVERIFY(!clock.push(Rank{2}, std::span(&late, 1)));
        QVERIFY(!clock.takeUpdate());
        QCOMPARE(valuesOf(clock.takeAnswers()), std::vector<int>{2});
        QCOMPARE(clock.clockOf(Rank{2}), 3);
        // From here on it is as good as the others.
        push(clock, 2, 1);
        push(clock, 0, 1);
        QCOMPARE(clock.takeUpdate()->gradient, std::vector<float>{2});
    }
};

QTEST_GUILESS_MAIN(TestServerClock)
#include "tst_server_clock.moc"
