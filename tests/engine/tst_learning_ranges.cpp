#include <QtTest>

#include "engine/model/learning_ranges.h"
#include "engine/model/part_sums.h"

using namespace rondo;

namespace {

/// Linear layers of 2·3 + 3, 3·4 + 4, 4·5 + 5 and 5·2 + 2 = 9, 16, 25 and 12 parameters.
ModelPlan fourLayers() {
    return planModel(MlpModel{{3, 4, 5}}, SampleShape{{2}, 2});
}

}  // namespace

class TestLearningRanges : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void ranges_areWhatIsNotFrozen_data() {
        QTest::addColumn<int>("frozenLayers");
        QTest::addColumn<std::vector<FloatRange>>("expected");
        QTest::newRow("nothing frozen") << 0 << std::vector<FloatRange>{{0, 34}};
        QTest::newRow("the first chunk") << 1 << std::vector<FloatRange>{{9, 34}};
        QTest::newRow("what others hold") << 2 << std::vector<FloatRange>{{9, 34}};
        QTest::newRow("all of both") << 3 << std::vector<FloatRange>{};
    }
    void ranges_areWhatIsNotFrozen() {
        QFETCH(int, frozenLayers);
        QFETCH(std::vector<FloatRange>, expected);
        const ModelPlan model = fourLayers();
        const std::vector parts{partOf(model, 0, 1), partOf(model, 2, 3)};
        QCOMPARE(learningRanges(parts, frozenLayers), expected);
    }

    void partThatEndsFrozen_isLeftOutOfTheMiddle() {
        const ModelPlan model = fourLayers();
        // Both of a part's layers, then the model's last: only the border inside the first part cuts.
        const std::vector parts{partOf(model, 0, 2), partOf(model, 3, 4)};
        QCOMPARE(learningRanges(parts, 1), (std::vector<FloatRange>{{9, 37}}));
        QCOMPARE(learningRanges(parts, 2), (std::vector<FloatRange>{{25, 37}}));
        QCOMPARE(learningRanges({}, 2), std::vector<FloatRange>{});
    }

    void tensorRanks_sumNoGradientThatNobodyWaitsFor() {
        const ModelPlan model = planModel(MlpModel{{4, 6, 8, 6, 4}}, SampleShape{{2}, 2});
        const ModelPart whole = partOf(model, 0, 6, 2, 0);
        QCOMPARE(partSums(model, whole).forward.size(), std::size_t{3});
        // Each pair sums the gradient of its input; nobody asks for that of the samples.
        QCOMPARE(partSums(model, whole).backward, (std::vector<std::int64_t>{6, 6}));
        QCOMPARE(partSums(model, whole, 1).backward, (std::vector<std::int64_t>{6, 6}));
        QCOMPARE(partSums(model, whole, 2).backward, (std::vector<std::int64_t>{6}));
        QCOMPARE(partSums(model, whole, 4).backward, std::vector<std::int64_t>{});
        QCOMPARE(partSums(model, whole, 4).forward.size(), std::size_t{3});
        const ModelPart upper = partOf(model, 2, 6, 2, 0);
        QCOMPARE(partSums(model, upper).backward.size(), std::size_t{2});
        QCOMPARE(partSums(model, upper, 2).backward.size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestLearningRanges)
#include "tst_learning_ranges.moc"
