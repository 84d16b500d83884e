#include <QtTest>
#include <cmath>
#include <limits>

#include "ui/draw/axis.h"

using namespace rondo::ui;

class tst_axis : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void step_isOneTwoOrFiveAndFits_data() {
        QTest::addColumn<double>("range");
        QTest::addColumn<int>("most");
        QTest::addColumn<double>("step");
        QTest::newRow("range=10 most=10") << 10.0 << 10 << 1.0;
        QTest::newRow("range=10 most=9") << 10.0 << 9 << 2.0;
        QTest::newRow("range=10 most=3") << 10.0 << 3 << 5.0;
        QTest::newRow("range=10 most=1") << 10.0 << 1 << 10.0;
        QTest::newRow("range=3e-6 most=5") << 3e-6 << 5 << 1e-6;
        QTest::newRow("range=7e8 most=4") << 7e8 << 4 << 2e8;
        QTest::newRow("range=0 most=5") << 0.0 << 5 << 0.0;
        QTest::newRow("range=-1 most=5") << -1.0 << 5 << 0.0;
        QTest::newRow("range=inf most=5") << std::numeric_limits<double>::infinity() << 5 << 0.0;
        QTest::newRow("range=nan most=5") << std::nan("") << 5 << 0.0;
    }
    void step_isOneTwoOrFiveAndFits() {
        QFETCH(double, range);
        QFETCH(int, most);
        QFETCH(double, step);
        QVERIFY(std::abs(tickStep(range, most) - step) <= 1e-9 * std::abs(step));
    }

    void logTicks_nameWhatFits_data() {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<int>("most");
        QTest::addColumn<QList<double>>("ticks");
        QTest::newRow("less than a decade") << 0.04 << 0.8 << 5 << QList<double>{0.05, 0.1, 0.2, 0.5};
        QTest::newRow("one tick of ten") << 0.4 << 4.0 << 5 << QList<double>{0.5, 1, 2};
        QTest::newRow("two decades") << 0.04 << 2.1 << 5 << QList<double>{0.1, 0.3, 1};
        QTest::newRow("many decades") << 0.9e-6 << 1.1 << 4 << QList<double>{1e-6, 1e-4, 1e-2, 1};
        QTest::newRow("zero") << 0.0 << 1.0 << 5 << QList<double>{};
        QTest::newRow("nothing between") << 2.0 << 2.0 << 5 << QList<double>{};
    }
    void logTicks_nameWhatFits() {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(int, most);
        QFETCH(QList<double>, ticks);
        const auto found = logTicks(low, high, most);
        QCOMPARE(static_cast<qsizetype>(found.size()), ticks.size());
        for (std::size_t i = 0; i < found.size(); ++i)
            QVERIFY(std::abs(found[i] / ticks[static_cast<qsizetype>(i)] - 1) < 1e-9);
    }

    void ticks_areMultiplesInsideTheRange() {
        const auto ticks = ticksBetween(0.25, 1.0, 0.1);
        QCOMPARE(ticks.size(), std::size_t{8});
        QVERIFY(std::abs(ticks.front() - 0.3) < 1e-12);
        QVERIFY(std::abs(ticks.back() - 1.0) < 1e-12);  // the end counts although 0.1·10 is not quite 1
        QVERIFY(ticksBetween(0, 1, 0).empty());
        QCOMPARE(ticksBetween(0, 1e9, 1).size(), std::size_t{1000});  // bounded, whatever is asked
    }

    void times_carryTheDigitsTheirStepNeeds_data() {
        QTest::addColumn<double>("seconds");
        QTest::addColumn<double>("step");
        QTest::addColumn<QString>("text");
        QTest::newRow("0.0005 by 0.0001") << 0.0005 << 0.0001 << "500 µs";
        QTest::newRow("1.25 by 0.05") << 1.25 << 0.05 << "1.25 s";
        QTest::newRow("12.0055 by 0.0005") << 12.0055 << 0.0005 << "12.0055 s";
        QTest::newRow("0.012 by 0.002") << 0.012 << 0.002 << "12 ms";
        QTest::newRow("0 by 0.002") << 0.0 << 0.002 << "0 ms";
        QTest::newRow("1 a hair below") << 0.9999999999 << 1.0 << "1 s";
    }
    void times_carryTheDigitsTheirStepNeeds() {
        QFETCH(double, seconds);
        QFETCH(double, step);
        QFETCH(QString, text);
        QCOMPARE(timeText(seconds, step).replace(QChar(0x00a0), QLatin1Char(' ')), text);
    }

    void amounts_haveThreeDigitsAndTheirUnit_data() {
        QTest::addColumn<QString>("found");
        QTest::addColumn<QString>("text");
        QTest::newRow("12.34 ms") << durationText(0.01234) << "12.3 ms";
        QTest::newRow("999.96 µs rounds into ms") << durationText(999.96e-6) << "1.00 ms";
        QTest::newRow("0 s") << durationText(0) << "0 s";
        QTest::newRow("99605 B") << bytesText(99605) << "99.6 kB";
        QTest::newRow("1 B") << bytesText(1) << "1 B";
        QTest::newRow("0 B") << bytesText(0) << "0 B";
        QTest::newRow("1.5e9 B/s") << rateText(1.5e9) << "1.50 GB/s";
        QTest::newRow("nan B/s") << rateText(std::nan("")) << "–/s";
        QTest::newRow("1234567") << countText(1234567) << "1,234,567";
        QTest::newRow("999") << countText(999) << "999";
        QTest::newRow("-1000") << countText(-1000) << "−1,000";
        QTest::newRow("+5 %") << differenceText(1.05, 1) << "+5.0 %";
        QTest::newRow("-3 %") << differenceText(97, 100) << "−3.0 %";
        QTest::newRow("same") << differenceText(1.0001, 1) << "±0 %";
        QTest::newRow("nothing predicted") << differenceText(1, 0) << "";
    }
    void amounts_haveThreeDigitsAndTheirUnit() {
        QFETCH(QString, found);
        QFETCH(QString, text);
        QCOMPARE(found.replace(QChar(0x00a0), QLatin1Char(' ')), text);
    }
};

QTEST_GUILESS_MAIN(tst_axis)
#include "tst_axis.moc"
