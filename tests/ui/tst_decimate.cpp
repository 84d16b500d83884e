#include <QtTest>
#include <cmath>
#include <limits>

#include "ui/draw/decimate.h"

using namespace rondo::ui;

class tst_decimate : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void columns_holdEveryValueOnceAndEveryPeak_data() {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("columns");
        for (const int count : {0, 1, 7, 1000, 1001}) {
            for (const int columns : {1, 7, 300}) {
                QTest::addRow("count=%d columns=%d", count, columns) << count << columns;
            }
        }
    }
    void columns_holdEveryValueOnceAndEveryPeak() {
        QFETCH(int, count);
        QFETCH(int, columns);
        const auto value = [](int i) { return i == 500 ? 1e6 : std::sin(static_cast<double>(i)); };
        MinMaxPyramid values;
        for (int i = 0; i < count; ++i) values.add(value(i));
        const auto all = columnsOf(values, static_cast<std::size_t>(columns));
        QCOMPARE(static_cast<int>(all.size()), std::min(count, columns));
        std::size_t next = 0;
        for (const Column& column : all) {
            QCOMPARE(column.first, next);
            QVERIFY(column.count >= 1);
            next += column.count;
            double most = -1e9, least = 1e9;
            for (std::size_t i = column.first; i < next; ++i) {
                most = std::max(most, value(static_cast<int>(i)));
                least = std::min(least, value(static_cast<int>(i)));
            }
            QCOMPARE(column.extent.most, most);
            QCOMPARE(column.extent.least, least);
        }
        QCOMPARE(static_cast<int>(next), count);
    }

    void notANumber_marksItsColumnAndSparesItsBounds() {
        const double nan = std::nan("");
        MinMaxPyramid values;
        for (const double value : {1.0, nan, 3.0, nan, nan, std::numeric_limits<double>::infinity()})
            values.add(value);
        const auto all = columnsOf(values, 2);
        QVERIFY(all[0].extent.broken && all[0].extent.least == 1 && all[0].extent.most == 3);
        QVERIFY(all[1].extent.broken && all[1].extent.empty());
    }

    void smoother_startsAtTheFirstValueAndTendsToTheMean() {
        Smoother smoother(0.9);
        QCOMPARE(smoother.add(5), 5.0);
        QVERIFY(std::abs(smoother.add(5) - 5) < 1e-12);
        double last = 0;
        for (int i = 0; i < 400; ++i) last = smoother.add(i % 2 ? 1 : 3);
        QVERIFY(std::abs(last - 2) < 0.2);
    }

    void smoother_keepsAGapAGap() {
        Smoother smoother(0.9);
        smoother.add(100);
        QVERIFY(std::isnan(smoother.add(std::nan(""))));
        QVERIFY(std::isnan(smoother.add(std::numeric_limits<double>::infinity())));
        QCOMPARE(smoother.add(1), 1.0);  // nothing of the time before the gap is left
    }
};

QTEST_GUILESS_MAIN(tst_decimate)
#include "tst_decimate.moc"
