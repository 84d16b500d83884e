#include <QtTest>
#include <set>

#include "engine/data/batch_plan.h"

using namespace rondo;

class TestBatchPlan : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void globalBatch_isTheSameWhateverTheWorldSize_data() {
        QTest::addColumn<int>("samples");
        QTest::addColumn<int>("ranks");
        for (const int samples : {64, 100, 33, 7})
            for (const int ranks : {2, 4, 8})
                QTest::addRow("samples=%d ranks=%d", samples, ranks) << samples << ranks;
    }
    void globalBatch_isTheSameWhateverTheWorldSize() {
        QFETCH(int, samples);
        QFETCH(int, ranks);
        EpochOrders orders(samples, 5);
        BatchPlan one(orders, 16, 1);
        for (int step = 0; step < 3 * one.stepsPerEpoch(); ++step) {
            const auto whole = one.slice(Rank{0}, Step{step});
            std::vector<std::int64_t> joined;
            for (int rank = 0; rank < ranks; ++rank) {
                BatchPlan plan(orders, 16 / ranks, ranks);
                QCOMPARE(plan.stepsPerEpoch(), one.stepsPerEpoch());
                const auto part = plan.slice(Rank{rank}, Step{step});
                QCOMPARE(part.globalBatch, whole.globalBatch);
                joined.insert(joined.end(), part.samples.begin(), part.samples.end());
            }
            QVERIFY(std::equal(joined.begin(), joined.end(), whole.samples.begin(), whole.samples.end()));
        }
    }

    void epoch_usesEverySampleOnce_andTheNextAnotherOrder() {
        EpochOrders orders(50, 5);
        BatchPlan plan(orders, 8, 1);
        std::vector<std::int64_t> epochs[2];
        for (int step = 0; step < 2 * plan.stepsPerEpoch(); ++step) {
            const auto slice = plan.slice(Rank{0}, Step{step});
            QCOMPARE(slice.newEpoch, step % plan.stepsPerEpoch() == 0);
            auto& epoch = epochs[plan.epochOf(Step{step})];
            epoch.insert(epoch.end(), slice.samples.begin(), slice.samples.end());
        }
        for (const auto& epoch : epochs)
            QCOMPARE((std::set<std::int64_t>(epoch.begin(), epoch.end()).size()), 50u);
        QVERIFY(epochs[0] != epochs[1]);
    }

    void order_dependsOnSeedAndEpochOnly() {
        EpochOrders a(100, 5), b(100, 5), c(100, 6);
        b.order(3);
        QCOMPARE(*a.order(7), *b.order(7));
        QVERIFY(*a.order(7) != *c.order(7));
    }

    void sliceSizes_differByAtMostOne() {
        EpochOrders orders(10, 1);
        BatchPlan plan(orders, 3, 4);  // 10 of 12
        std::vector<std::size_t> sizes;
        for (int rank = 0; rank < 4; ++rank) sizes.push_back(plan.slice(Rank{rank}, Step{0}).samples.size());
        QCOMPARE(sizes, (std::vector<std::size_t>{3, 3, 2, 2}));
    }
};

QTEST_GUILESS_MAIN(TestBatchPlan)
#include "tst_batch_plan.moc"
