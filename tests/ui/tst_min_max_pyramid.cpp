#include <QtTest>
#include <cmath>

#include "engine/core/random.h"
#include "ui/store/min_max_pyramid.h"
#include "ui/store/step_history.h"

using namespace rondo;
using namespace rondo::ui;

class tst_min_max_pyramid : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void anyStretch_hasTheExtentOfItsValues_data() {
        QTest::addColumn<int>("count");
        for (const int count : {1, 15, 16, 17, 256, 5000}) QTest::addRow("count=%d", count) << count;
    }
    void anyStretch_hasTheExtentOfItsValues() {
        QFETCH(int, count);
        Random random(5);
        MinMaxPyramid pyramid;
        std::vector<double> values;
        for (int i = 0; i < count; ++i) {
            values.push_back(random.below(97) == 0 ? std::nan("") : static_cast<double>(random.below(100'000)));
            pyramid.add(values.back());
        }
        for (int i = 0; i < 500; ++i) {
            auto first = static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(count) + 1));
            auto last = static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(count) + 1));
            if (first > last) std::swap(first, last);
            Extent slow;
            for (std::size_t at = first; at < last; ++at) slow.take(values[at]);
            const Extent found = pyramid.over(first, last);
            QCOMPARE(found.least, slow.least);
            QCOMPARE(found.most, slow.most);
            QCOMPARE(found.broken, slow.broken);
        }
    }

    void fullHistory_keepsTheLatestStepsAndTheirTimes() {
        StepHistory history(100);
        for (int i = 0; i < 1000; ++i) {
            StepPoint point;
            point.step = i;
            point.seconds = (i + 1) * 0.5 + (i >= 990 ? 1 : 0);
            history.add(point);
            QVERIFY(history.points().size() <= 100);
            QCOMPARE(history.durations().size(), history.points().size());
        }
        QCOMPARE(history.ever(), quint64{1000});
        QCOMPARE(history.points().back().step, 999);
        // The first that is left still knows when it began.
        QCOMPARE(history.points().front().begin, history.points().front().step * 0.5);
        const Extent all = history.durations().over(0, history.durations().size());
        QCOMPARE(all.least, 0.5);
        QCOMPARE(all.most, 1.5);
    }
};

QTEST_GUILESS_MAIN(tst_min_max_pyramid)
#include "tst_min_max_pyramid.moc"
