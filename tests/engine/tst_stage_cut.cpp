// Where a model is cut into stages: against every possible cut, and what is said of impossible ones.
#include <QtTest>
#include <numeric>
#include <random>

#include "engine/model/stage_cut.h"

using namespace rondo;

namespace {

using Weights = std::vector<double>;
using Begins = std::vector<int>;

Weights sumsOf(const Weights& weights, const Begins& begins) {
    Weights sums;
    for (std::size_t i = 0; i < begins.size(); ++i) {
        const auto end = i + 1 < begins.size() ? begins[i + 1] : static_cast<int>(weights.size());
        sums.push_back(std::accumulate(weights.begin() + begins[i], weights.begin() + end, 0.0));
    }
    return sums;
}
double largestOf(const Weights& weights, const Begins& begins) {
    const Weights sums = sumsOf(weights, begins);
    return *std::max_element(sums.begin(), sums.end());
}

/// The slow obvious answer: all ways to cut.
double leastLargest(const Weights& weights, int parts) {
    double least = 1e300;
    const auto layers = static_cast<int>(weights.size());
    for (unsigned mask = 0; mask < 1u << (layers - 1); ++mask) {
        Begins begins{0};
        for (int i = 1; i < layers; ++i)
            if (mask >> (i - 1) & 1) begins.push_back(i);
        if (begins.size() == static_cast<std::size_t>(parts))
            least = std::min(least, largestOf(weights, begins));
    }
    return least;
}

std::string errorOf(const Weights& weights, int parts, CutBy by = CutBy::Parameters,
                    const std::vector<std::int64_t>& cutAt = {}) {
    const auto cut = cutLayers(weights, parts, by, cutAt);
    return cut ? std::string() : cut.error();
}

}  // namespace

class TestStageCut : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void largestPart_isTheSmallestOfAllCuts() {
        std::mt19937 random(7);
        for (int round = 0; round < 300; ++round) {
            Weights weights(2 + random() % 9);
            for (double& weight : weights) weight = random() % 3 ? random() % 20 : 0.1 * (random() % 1000);
            const int parts = 1 + static_cast<int>(random() % weights.size());
            const Begins begins = *cutLayers(weights, parts, CutBy::Time);
            QCOMPARE(begins.size(), static_cast<std::size_t>(parts));
            QCOMPARE(begins.front(), 0);
            for (std::size_t i = 1; i < begins.size(); ++i) QVERIFY(begins[i] > begins[i - 1]);
            QVERIFY(begins.back() < static_cast<int>(weights.size()));
            QVERIFY(largestOf(weights, begins) <= leastLargest(weights, parts) * (1 + 1e-9));
        }
    }

    void theRest_isEvenToo_andEarlierPartsAreTheLongerOnes() {
        QCOMPARE(*cutLayers(Weights{1, 1, 1, 1, 1}, 3, CutBy::Layers), (Begins{0, 2, 4}));
        QCOMPARE(*cutLayers(Weights{1, 1, 1, 1}, 4, CutBy::Layers), (Begins{0, 1, 2, 3}));
        // The last layer decides; what is left is cut evenly all the same.
        QCOMPARE(*cutLayers(Weights{1, 1, 1, 1, 98}, 3, CutBy::Parameters), (Begins{0, 2, 4}));
        QCOMPARE(*cutLayers(Weights{1, 1, 1, 1, 1, 1, 98}, 4, CutBy::Parameters), (Begins{0, 2, 4, 6}));
        QCOMPARE(*cutLayers(Weights{0, 0, 0}, 2, CutBy::Parameters), (Begins{0, 2}));
        QCOMPARE(*cutLayers(Weights{0.1, 0.2, 0.3, 0.3, 0.2, 0.1}, 2, CutBy::Time), (Begins{0, 3}));
    }

    void byHand_isTakenAsItIs() {
        QCOMPARE(*cutLayers(Weights{1, 1, 1, 1, 98}, 3, CutBy::Hand, std::vector<std::int64_t>{1, 2}),
                 (Begins{0, 1, 2}));
        QCOMPARE(*cutLayers(Weights{1}, 1, CutBy::Hand), Begins{0});
    }

    void impossibleCuts_nameTheSetting() {
        QCOMPARE(
            errorOf({1, 1, 1}, 5),
            std::string("workers: 5 parts of the model, expected at most 3: it has 3 layers, and a part has "
                        "at least one"));
        QCOMPARE(
            cutLayers(Weights{1}, 2, CutBy::Time, {}, "algorithm.pipeline").error(),
            std::string("algorithm.pipeline: 2 parts of the model, expected at most 1: it has 1 layer, and a "
                        "part has at least one"));
        QCOMPARE(errorOf({1, 1, 1}, 3, CutBy::Hand, {1}),
                 std::string("algorithm.cut_at: 1 place to cut at, expected 2 for 3 parts"));
        QCOMPARE(
            errorOf({1, 1, 1}, 3, CutBy::Hand, {2, 1}),
            std::string("algorithm.cut_at: 1 after 2, expected each place further on than the one before"));
        QCOMPARE(
            errorOf({1, 1, 1}, 3, CutBy::Hand, {1, 1}),
            std::string("algorithm.cut_at: 1 after 1, expected each place further on than the one before"));
        QCOMPARE(errorOf({1, 1, 1}, 3, CutBy::Hand, {0, 1}),
                 std::string("algorithm.cut_at: 0, expected 1 to 2: the model's layers are 0 to 2"));
        QCOMPARE(errorOf({1, 1, 1}, 3, CutBy::Hand, {1, 3}),
                 std::string("algorithm.cut_at: 3, expected 1 to 2: the model's layers are 0 to 2"));
    }
};

QTEST_APPLESS_MAIN(TestStageCut)
#include "tst_stage_cut.moc"
