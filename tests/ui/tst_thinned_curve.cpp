#include <QtTest>
#include <cmath>

#include "ui/draw/thinned_curve.h"

using namespace rondo::ui;

class tst_thinned_curve : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void shortCurve_isExact() {
        ThinnedCurve curve(64);
        for (int i = 0; i < 64; ++i) curve.add({i, i * 0.1, std::sin(i)});
        const auto points = curve.points();
        QCOMPARE(points.size(), std::size_t{64});
        for (int i = 0; i < 64; ++i) {
            QCOMPARE(points[static_cast<std::size_t>(i)].step, i);
            QCOMPARE(points[static_cast<std::size_t>(i)].value, std::sin(i));
        }
    }

    void longCurve_hasFewPointsAndAllItsPeaks_data() {
        QTest::addColumn<int>("count");
        for (const int count : {65, 1000, 99'999}) QTest::addRow("count=%d", count) << count;
    }
    void longCurve_hasFewPointsAndAllItsPeaks() {
        QFETCH(int, count);
        ThinnedCurve curve(64);
        const int up = count / 3, down = count / 2;
        for (int i = 0; i < count; ++i) curve.add({i, i * 0.1, i == up ? 50.0 : i == down ? -50.0 : std::sin(i)});
        const auto points = curve.points();
        QVERIFY(points.size() <= 128 && points.size() >= 32);
        bool high = false, low = false;
        int before = -1;
        for (const CurvePoint& point : points) {
            QVERIFY(point.step > before);
            before = point.step;
            QCOMPARE(point.seconds, point.step * 0.1);
            high |= point.step == up && point.value == 50;
            low |= point.step == down && point.value == -50;
        }
        QVERIFY(high && low);
        QVERIFY(points.front().step < count / 16 + 2 && points.back().step > count - count / 16 - 2);
    }

    void lostValue_staysAGapHoweverLongTheCurve() {
        ThinnedCurve curve(16);
        for (int i = 0; i < 5000; ++i) curve.add({i, 0, i == 2500 ? std::nan("") : 1.0});
        int gaps = 0;
        for (const CurvePoint& point : curve.points()) {
            if (std::isfinite(point.value)) continue;
            ++gaps;
            QCOMPARE(point.step, 2500);
        }
        QCOMPARE(gaps, 1);
        curve.clear();
        QVERIFY(curve.points().empty());
    }
};

QTEST_GUILESS_MAIN(tst_thinned_curve)
#include "tst_thinned_curve.moc"
