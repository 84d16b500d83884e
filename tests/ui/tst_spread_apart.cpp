#include <QtTest>
#include <algorithm>

#include "ui/draw/smoothing.h"
#include "ui/draw/spread_apart.h"

using namespace rondo::ui;

class tst_spread_apart : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void enoughRoom_leavesThemWhereTheyWant() {
        const auto places = spreadApart({50, 10, 90}, 10, 0, 100);
        QCOMPARE(*places[0], 50.0);
        QCOMPARE(*places[1], 10.0);
        QCOMPARE(*places[2], 90.0);
    }

    void whoWouldTouch_movesApartInOrder_data() {
        QTest::addColumn<QVector<double>>("wanted");
        QTest::newRow("all in one place") << QVector<double>{50, 50, 50, 50};
        QTest::newRow("below the end") << QVector<double>{99, 98, 120, 97};
        QTest::newRow("above the begin") << QVector<double>{-5, 0, 3, 1};
        QTest::newRow("as many as fit") << QVector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    }
    void whoWouldTouch_movesApartInOrder() {
        QFETCH(QVector<double>, wanted);
        const std::vector<double> values(wanted.begin(), wanted.end());
        const auto places = spreadApart(values, 10, 0, 100);
        for (std::size_t a = 0; a < places.size(); ++a) {
            QVERIFY(places[a]);
            QVERIFY(*places[a] >= 5 && *places[a] <= 95);
            for (std::size_t b = a + 1; b < places.size(); ++b) {
                QVERIFY(std::abs(*places[a] - *places[b]) >= 10 - 1e-9);
                if (values[a] < values[b]) QVERIFY(*places[a] < *places[b]);
            }
        }
    }

    void moreThanFit_theFirstGetAPlace() {
        const auto places = spreadApart({5, 5, 5, 5}, 10, 0, 25);
        QVERIFY(places[0] && places[1]);
        QVERIFY(!places[2] && !places[3]);
        QVERIFY(!spreadApart({5}, 10, 0, 9)[0]);
        QVERIFY(spreadApart({}, 10, 0, 100).empty());
    }

    void smoothing_ofOneStepIsTheCurveItself() {
        const std::vector<double> values{3, 1, 4, 1, 5};
        QCOMPARE(smoothed(values, 1), values);
        QCOMPARE(smoothed(values, 0.2), values);  // less than a step, of a run kept in few points
    }

    void smoothing_staysWithinTheValuesAndFollowsThem() {
        std::vector<double> values(200, 1.0);
        std::fill(values.begin() + 100, values.end(), 2.0);
        for (const int steps : kSmoothing) {
            const auto smooth = smoothed(values, steps);
            QCOMPARE(smooth[99], 1.0);
            QVERIFY(std::is_sorted(smooth.begin(), smooth.end()));
            QVERIFY(smooth.back() <= 2.0);
            // After as many steps as it looks back over, most of the way is done.
            if (steps <= 60) QVERIFY(smooth[static_cast<std::size_t>(99 + std::max(1, steps))] > 1.6);
        }
    }

    void smoothing_keepsAGapAndBeginsAnewBehindIt() {
        const auto smooth = smoothed({1, 1, std::nan(""), 9, 9}, 5);
        QVERIFY(std::isnan(smooth[2]));
        QCOMPARE(smooth[3], 9.0);
    }
};

QTEST_GUILESS_MAIN(tst_spread_apart)
#include "tst_spread_apart.moc"
