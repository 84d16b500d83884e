#include <QtTest>
#include <algorithm>

#include "engine/comm/virtual_time/sorted_runs.h"
#include "engine/core/random.h"

using namespace rondo;

class TestSortedRuns : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void whateverOrderItemsComeIn_theSmallestGoesFirst() {
        Random random(5);
        SortedRuns<int> queue;
        std::vector<int> present;
        for (int round = 0; round < 20'000; ++round) {
            // Mostly pushes, then mostly pops, values rising on the whole, as times do.
            const bool pushes = random.below(10) < (round < 10'000 ? 6u : 4u);
            if (pushes || present.empty()) {
                const int value = round / 7 + static_cast<int>(random.below(50));
                queue.push(value);
                present.push_back(value);
                continue;
            }
            const auto smallest = std::min_element(present.begin(), present.end());
            QCOMPARE(queue.pop(), *smallest);
            present.erase(smallest);
            QCOMPARE(queue.empty(), present.empty());
        }
        std::sort(present.begin(), present.end());
        for (const int value : present) QCOMPARE(queue.pop(), value);
        QVERIFY(queue.empty());
    }

    void cleared_isEmpty() {
        SortedRuns<int> queue;
        for (const int value : {5, 4, 3, 2, 1, 0}) queue.push(value);
        queue.clear();
        QVERIFY(queue.empty());
        queue.push(7);
        QCOMPARE(queue.pop(), 7);
    }
};

QTEST_APPLESS_MAIN(TestSortedRuns)
#include "tst_sorted_runs.moc"
