#include <QtTest>
#include <cmath>

#include "ui/store/mean_and_range.h"

using namespace rondo::ui;

using Curve = std::vector<CurveXY>;

class tst_mean_and_range : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sameSteps_areAveragedExactly() {
        const auto all =
            MeanAndRange::of({Curve{{0, 1}, {1, 4}}, Curve{{0, 3}, {1, 2}}, Curve{{0, 5}, {1, 0}}});
        QCOMPARE(all.x, (std::vector<double>{0, 1}));
        QCOMPARE(all.mean, (std::vector<double>{3, 2}));
        QCOMPARE(all.low, (std::vector<double>{1, 0}));
        QCOMPARE(all.high, (std::vector<double>{5, 4}));
    }

    void unequalPlaces_areStraightBetweenPoints() {
        const auto all = MeanAndRange::of({Curve{{0, 0}, {4, 8}}, Curve{{1, 10}, {2, 20}, {3, 10}}});
        // From 1, where the later begins, to 3, where the earlier ends; at the places of the one with fewer
        // points and at both ends.
        QCOMPARE(all.x, (std::vector<double>{1, 3}));
        QCOMPARE(all.mean, (std::vector<double>{6, 8}));
        QCOMPARE(all.low, (std::vector<double>{2, 6}));
    }

    void unequalLengths_endWithTheShortest() {
        const auto all = MeanAndRange::of({Curve{{0, 1}, {1, 1}, {2, 1}}, Curve{{0, 3}, {1, 3}}});
        QCOMPARE(all.x.back(), 1.0);
        QCOMPARE(all.mean.back(), 2.0);
    }

    void lostValue_losesTheMean_data() {
        QTest::addColumn<double>("lost");
        QTest::newRow("not a number") << std::nan("");
        QTest::newRow("infinite") << std::numeric_limits<double>::infinity();
        QTest::newRow("minus infinite") << -std::numeric_limits<double>::infinity();
    }
    void lostValue_losesTheMean() {
        QFETCH(double, lost);
        const auto all = MeanAndRange::of({Curve{{0, 1}, {1, lost}, {2, 1}}, Curve{{0, 3}, {1, 3}, {2, 3}}});
        QCOMPARE(all.mean[0], 2.0);
        QVERIFY(std::isnan(all.mean[1]) && std::isnan(all.low[1]) && std::isnan(all.high[1]));
        QCOMPARE(all.mean[2], 2.0);
    }

    void nothingInCommon_isNothing() {
        QVERIFY(MeanAndRange::of({}).x.empty());
        QVERIFY(MeanAndRange::of({Curve{}, Curve{{0, 1}}}).x.empty());
        QVERIFY(MeanAndRange::of({Curve{{0, 1}, {1, 1}}, Curve{{2, 1}, {3, 1}}}).x.empty());
    }

    void noBytesAtAll_isOnePlace() {
        const auto all = MeanAndRange::of({Curve{{0, 1}, {0, 2}}, Curve{{0, 3}, {0, 4}}});
        for (const double x : all.x) QCOMPARE(x, 0.0);
        for (const double mean : all.mean) QVERIFY(mean >= 1 && mean <= 4);
    }

    void manyPoints_becomeFewAndKeepTheEnd() {
        Curve a, b;
        for (int i = 0; i < 10'001; ++i) {
            a.push_back({double(i), double(i)});
            b.push_back({double(i), double(-i)});
        }
        const auto all = MeanAndRange::of({a, b}, 100);
        QVERIFY(all.x.size() <= 102);
        QCOMPARE(all.x.front(), 0.0);
        QCOMPARE(all.x.back(), 10'000.0);
        QCOMPARE(all.high.back(), 10'000.0);
        QCOMPARE(all.mean.back(), 0.0);
    }
};

QTEST_GUILESS_MAIN(tst_mean_and_range)
#include "tst_mean_and_range.moc"
