#include <QTest>
#include <cmath>
#include <map>

#include "engine/data/dataset.h"
#include "engine/data/portable_math.h"

using namespace rondo;

class TestPoints : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sine_isTheSine() {
        for (double x = -20; x < 20; x += 0.0137) {
            QVERIFY(std::abs(sine(x) - std::sin(x)) < 1e-11);
            QVERIFY(std::abs(cosine(x) - std::cos(x)) < 1e-11);
        }
    }
    void bell_hasMeanZeroAndDeviationOne() {
        Random random(4);
        double sum = 0, squares = 0;
        for (int i = 0; i < 200000; ++i) {
            const double v = bell(random);
            sum += v, squares += v * v;
        }
        QVERIFY(std::abs(sum / 200000) < 0.01);
        QVERIFY(std::abs(squares / 200000 - 1) < 0.01);
    }
    void points_areBalancedSmallAndOfTheirSeed_data() {
        QTest::addColumn<int>("arms");
        for (const int arms : {0, 2, 3, 5})
            QTest::addRow("%s", arms ? qPrintable(QString("arms=%1").arg(arms)) : "moons") << arms;
    }
    void points_areBalancedSmallAndOfTheirSeed() {
        QFETCH(int, arms);
        const auto make = [arms](std::uint64_t seed) {
            return arms ? makeSpirals({600, 300, arms, 0.05}, seed) : makeMoons({600, 300, 0.05}, seed);
        };
        const Dataset data = make(1);
        const int classes = arms ? arms : 2;
        QVERIFY((data.train.shape == SampleShape{{2}, classes}));
        QCOMPARE(data.train.values.size(), std::size_t{1200});
        QVERIFY(data.train.pixels.empty());
        std::map<int, int> counts;
        for (const auto label : data.train.labels) ++counts[label];
        QCOMPARE(int(counts.size()), classes);
        for (const auto& [label, count] : counts) QCOMPARE(count, 600 / classes);
        for (const float v : data.train.values) QVERIFY(std::abs(v) < 1.3f);
        QCOMPARE(make(1).train.fingerprint(), data.train.fingerprint());
        QVERIFY(make(2).train.fingerprint() != data.train.fingerprint());
        QVERIFY(data.test.fingerprint() != data.train.fingerprint());
    }
    void spiralWithoutNoise_isOnItsArm() {
        const Dataset data = makeSpirals({300, 3, 3, 0.0}, 1);
        for (std::size_t i = 0; i < 300; ++i) {
            const double x = data.train.values[2 * i], y = data.train.values[2 * i + 1];
            const double along = (std::hypot(x, y) - 0.1) / 0.85;
            const double angle =
                std::atan2(y, x) / (2 * std::numbers::pi) - data.train.labels[i] / 3.0 - along;
            QVERIFY(std::abs(angle - std::round(angle)) < 1e-5);
        }
    }
    void moonsWithoutNoise_areHalfCircles() {
        const Dataset data = makeMoons({200, 2, 0.0}, 1);
        for (std::size_t i = 0; i < 200; ++i) {
            const bool upper = data.train.labels[i] == 0;
            const double x = data.train.values[2 * i] * 1.5 + 0.5 - (upper ? 0 : 1);
            const double y = data.train.values[2 * i + 1] * 1.5 + 0.25 - (upper ? 0 : 0.5);
            QVERIFY(std::abs(std::hypot(x, y) - 1) < 1e-5);
            QVERIFY(upper ? y > -1e-5 : y < 1e-5);
        }
    }
};

QTEST_GUILESS_MAIN(TestPoints)
#include "tst_points.moc"
