#include <QtTest>
#include <numeric>
#include <set>

#include "engine/core/random.h"
#include "engine/core/result.h"
#include "engine/data/batch_plan.h"

using namespace rondo;

namespace {

/// The samples of a step, of all ranks.
std::vector<std::int64_t> globalBatch(BatchPlan& plan, int ranks, Step step) {
    std::vector<std::int64_t> joined;
    for (int rank = 0; rank < ranks; ++rank) {
        const auto slice = plan.slice(Rank{rank}, step);
        joined.insert(joined.end(), slice.samples.begin(), slice.samples.end());
    }
    return joined;
}

std::vector<std::int64_t> everySample(std::int64_t samples) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(samples));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return all;
}

}  // namespace

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

    void worldsThatChange_useEverySampleOnceInAnEpoch_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 0; seed < 300; ++seed) QTest::addRow("seed=%d", seed) << seed;
    }
    void worldsThatChange_useEverySampleOnceInAnEpoch() {
        QFETCH(int, seed);
        Random random(static_cast<std::uint64_t>(seed));
        const auto samples = static_cast<std::int64_t>(1 + random.below(200));
        EpochOrders orders(samples, 3);
        constexpr std::int64_t kEpochs = 4;
        std::map<std::int64_t, std::vector<std::int64_t>> used;  // by epoch, in order
        BatchPlan::Start start{Step{0}, {}};
        int worlds = 0;
        for (bool over = false; !over; ++worlds) {
            const int ranks = static_cast<int>(1 + random.below(9));
            const auto batch = static_cast<std::int64_t>(1 + random.below(12));
            BatchPlan plan(orders, batch, ranks, IidSplit{}, start);
            const std::int64_t end = plan.stepsUntil(kEpochs);
            // A world may be over before its first step is done.
            auto steps = static_cast<std::int32_t>(random.below(9));
            for (Step step = start.step; !over && steps-- > 0; ++step.value) {
                const std::int64_t epoch = plan.epochOf(step);
                const auto batchNow = globalBatch(plan, ranks, step);
                QCOMPARE(plan.slice(Rank{0}, step).globalBatch, static_cast<std::int64_t>(batchNow.size()));
                QVERIFY(!batchNow.empty() && static_cast<std::int64_t>(batchNow.size()) <= batch * ranks);
                used[epoch].insert(used[epoch].end(), batchNow.begin(), batchNow.end());
                start = {Step{step.value + 1}, plan.placeAfter(step)};
                over = start.place.epoch == kEpochs;
                QCOMPARE(over, step.value + 1 == end);
            }
        }
        QCOMPARE(used.size(), static_cast<std::size_t>(kEpochs));
        for (auto& [epoch, order] : used) {
            QCOMPARE(order, *orders.order(epoch));  // whoever took them, they came in the epoch's order
            std::sort(order.begin(), order.end());
            QCOMPARE(order, everySample(samples));
        }
    }

    void worldTakenOverByItsLike_goesOnAsIfNothingHadHappened_data() {
        QTest::addColumn<int>("samples");
        for (const int samples : {96, 100, 7}) QTest::addRow("samples=%d", samples) << samples;
    }
    void worldTakenOverByItsLike_goesOnAsIfNothingHadHappened() {
        QFETCH(int, samples);
        EpochOrders orders(samples, 5);
        BatchPlan whole(orders, 4, 3);
        const auto steps = static_cast<std::int32_t>(3 * whole.stepsPerEpoch());
        for (std::int32_t from = 0; from < steps; ++from) {
            const DataPlace place = from == 0 ? DataPlace{} : whole.placeAfter(Step{from - 1});
            BatchPlan rest(orders, 4, 3, IidSplit{}, {Step{from}, place});
            QCOMPARE(rest.stepsUntil(3), std::int64_t{steps});
            for (Step step{from}; step.value < steps; ++step.value) {
                QCOMPARE(rest.epochOf(step), whole.epochOf(step));
                QCOMPARE(rest.placeAfter(step), whole.placeAfter(step));
                for (int rank = 0; rank < 3; ++rank) {
                    const auto a = rest.slice(Rank{rank}, step), b = whole.slice(Rank{rank}, step);
                    QCOMPARE(a.globalBatch, b.globalBatch);
                    QVERIFY(
                        std::equal(a.samples.begin(), a.samples.end(), b.samples.begin(), b.samples.end()));
                }
            }
        }
    }

    void lastBatchOfABrokenEpoch_isKeptAndSharedOut() {
        EpochOrders orders(10, 1);
        BatchPlan plan(orders, 2, 2, IidSplit{}, {Step{5}, {2, 3}});  // 7 samples left: 4 and 3
        QCOMPARE(plan.slice(Rank{0}, Step{5}).globalBatch, std::int64_t{4});
        QCOMPARE(plan.slice(Rank{0}, Step{6}).globalBatch, std::int64_t{3});
        QCOMPARE(plan.slice(Rank{0}, Step{6}).samples.size(), 2u);
        QCOMPARE(plan.slice(Rank{1}, Step{6}).samples.size(), 1u);
        QCOMPARE(plan.placeAfter(Step{5}), (DataPlace{2, 7}));
        QCOMPARE(plan.placeAfter(Step{6}), (DataPlace{3, 0}));
        QCOMPARE(plan.epochOf(Step{7}), std::int64_t{3});
        QCOMPARE(plan.slice(Rank{0}, Step{7}).globalBatch, std::int64_t{4});
        QCOMPARE(plan.stepsUntil(2), std::int64_t{5});  // those were over before
        QCOMPARE(plan.stepsUntil(3), std::int64_t{7});
        QCOMPARE(plan.stepsUntil(4), std::int64_t{10});
        QCOMPARE(plan.stepsUntil(std::numeric_limits<std::int64_t>::max()), kMostSteps);
    }

    void finishedEpoch_isTheBeginningOfTheNext() {
        EpochOrders orders(10, 1);
        BatchPlan plan(orders, 5, 1, IidSplit{}, {Step{2}, {0, 10}});
        QCOMPARE(plan.epochOf(Step{2}), std::int64_t{1});
        QCOMPARE(plan.slice(Rank{0}, Step{2}).samples.size(), 5u);
        QCOMPARE(plan.stepsUntil(1), std::int64_t{2});
    }

    void placeOutsideOfTheData_isRefused() {
        EpochOrders orders(10, 1);
        for (const BatchPlan::Start& start : {BatchPlan::Start{Step{0}, {0, 11}},
                                              {Step{0}, {0, -1}},
                                              {Step{0}, {-1, 0}},
                                              {Step{-1}, {0, 0}},
                                              {Step{0}, {std::numeric_limits<std::int64_t>::max(), 0}}})
            QVERIFY_EXCEPTION_THROWN(BatchPlan(orders, 5, 1, IidSplit{}, start), BadInput);
    }
};

QTEST_GUILESS_MAIN(TestBatchPlan)
#include "tst_batch_plan.moc"
