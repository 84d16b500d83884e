// PowerSGD: its ratios, what it is exact for, and that nothing is lost.
#include <QtTest>
#include <cmath>

#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/compress/compression_cost.h"
#include "engine/compress/low_rank.h"
#include "engine/compress/power_sgd.h"
#include "tests/support/made_gradients.h"

using namespace rondo;
using namespace rondo::test;

namespace {

constexpr std::int64_t kRows = 24, kColumns = 36;
constexpr std::size_t kElements = kRows * kColumns;

/// A layer: its weights, and as many biases as it has rows, all in one bucket.
std::vector<BucketRange> layer(std::int64_t rows, std::int64_t columns, std::int64_t biases = 0) {
    BucketRange bucket{0, rows * columns + biases, 0, {}};
    if (biases > 0) bucket.tensors.push_back({rows * columns, biases, 1});
    bucket.tensors.push_back({0, rows, columns});
    return {bucket};
}

/// The sum of `rank` outer products, the first ones the largest.
std::vector<float> lowRank(int rank, std::uint64_t seed) {
    std::vector<float> values(kElements);
    for (int j = 0; j < rank; ++j) {
        const auto a = gaussian(kRows, seed + 10 * static_cast<std::uint64_t>(j)),
                   b = gaussian(kColumns, seed + 10 * static_cast<std::uint64_t>(j) + 5);
        for (std::size_t i = 0; i < kElements; ++i)
            values[i] += 1000 / static_cast<float>(j + 1) * a[i / kColumns] * b[i % kColumns];
    }
    return values;
}

double relative(std::span<const float> got, std::span<const float> wanted) {
    std::vector<float> difference(got.begin(), got.end());
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= wanted[i];
    return std::sqrt(squaresOf(difference) / squaresOf(wanted));
}

/// gradient(rank, step) in each of `steps`; what all ranks get in the last, and the sum over all steps.
struct Result {
    std::vector<float> last;
    std::vector<double> sum;
    double error = 0;  ///< that rank 0 tells of the last step
};
Result train(const PowerSgdCompression& spec, int ranks, int steps,
             const std::function<std::vector<float>(int, int)>& gradient,
             const std::vector<BucketRange>& buckets = layer(kRows, kColumns)) {
    RunControl control(ranks, true);
    const auto runtime = makeVirtualRuntime(ranks, {}, 1, control);
    Result result;
    runtime->run([&](Rank rank) {
        PowerSgd powerSgd(spec, 5, buckets);
        for (int step = 0; step < steps; ++step) {
            auto values = gradient(rank.value, step);
            powerSgd.beginStep(0);
            powerSgd.allReduce(runtime->communicator(rank, Lane::Compute), values, Bucket{0}, {});
            if (rank.value != 0) continue;
            result.sum.resize(values.size());
            for (std::size_t i = 0; i < values.size(); ++i) result.sum[i] += values[i];
            result.last = std::move(values);
            result.error = powerSgd.tally().error;
        }
    });
    return result;
}

}  // namespace

class TestPowerSgd : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void ratios_areTheReferences_data() {
        QTest::addColumn<int>("rank");
        QTest::addColumn<double>("ratio");
        QTest::addRow("r=1") << 1 << 460.8;
        QTest::addRow("r=2") << 2 << 230.4;
        QTest::addRow("r=4") << 4 << 115.2;
    }
    void ratios_areTheReferences() {
        QFETCH(int, rank);
        QFETCH(double, ratio);
        const PowerSgdCompression spec{.rank = rank};
        const BucketRange bucket = layer(512, 4608)[0];
        QCOMPARE(512.0 * 4608 * 4 / static_cast<double>(encodedBytes(spec, bucket)), ratio);
        const auto sums = PowerSgd::sumsOf(bucket, rank);
        QCOMPARE(sums.first, 512 * rank);
        QCOMPARE(sums.second, 4608 * rank);
    }

    void whatTheFactorsWouldBeNoSmallerThan_goesWhole() {
        const auto bytes = [](std::int64_t rows, std::int64_t columns, std::int64_t rank) {
            return encodedBytes(PowerSgdCompression{.rank = rank}, layer(rows, columns)[0]) / 4;
        };
        QCOMPARE(bytes(1, 50, 1), 50);
        QCOMPARE(bytes(50, 1, 1), 50);
        QCOMPARE(bytes(2, 2, 1), 4);
        QCOMPARE(bytes(3, 2, 1), 5);
        QCOMPARE(bytes(10, 2, 2), 20);
        QCOMPARE(bytes(10, 10, 4), 80);
        QCOMPARE(bytes(10, 10, 5), 100);
        QCOMPARE(encodedBytes(PowerSgdCompression{.rank = 1}, layer(10, 10, 10)[0]) / 4, 20 + 10);
    }

    void sumOfThatRank_isExactAfterAFewSteps_data() {
        QTest::addColumn<int>("ranks");
        QTest::addColumn<int>("rank");
        for (const int ranks : {1, 3})
            for (const int rank : {1, 2, 4}) QTest::addRow("ranks=%d r=%d", ranks, rank) << ranks << rank;
    }
    void sumOfThatRank_isExactAfterAFewSteps() {
        QFETCH(int, ranks);
        QFETCH(int, rank);
        // Each rank has a gradient of rank `rank` with columns of its own; their sum is of rank `rank` too
        // when all but one of them are multiples of the first.
        const auto gradient = [&](int worker, int) {
            auto values = lowRank(rank, 1);
            for (float& value : values) value *= static_cast<float>(worker + 1);
            return values;
        };
        const auto result = train({.rank = rank, .errorFeedback = false}, ranks, 8, gradient);
        std::vector<float> sum(kElements);
        for (int worker = 0; worker < ranks; ++worker) {
            const auto values = gradient(worker, 0);
            for (std::size_t i = 0; i < kElements; ++i) sum[i] += values[i];
        }
        QVERIFY2(relative(result.last, sum) < 1e-5, qPrintable(QString::number(relative(result.last, sum))));
        QVERIFY(result.error < 1e-5);
    }

    void largestDirections_areWhatIsSent() {
        // Rank 4, of which two are sent: what is left is no longer than the best such approximation leaves.
        const auto result =
            train({.rank = 2, .errorFeedback = false}, 1, 30, [](int, int) { return lowRank(4, 1); });
        const auto best =
            train({.rank = 2, .errorFeedback = false}, 1, 200, [](int, int) { return lowRank(4, 1); });
        QVERIFY(result.error > 0.1 && result.error < best.error * 1.01);
        QVERIFY(std::abs(relative(result.last, lowRank(4, 1)) - result.error) < 1e-4);
    }

    void ranksTogether_doWhatOneDoesWithTheirSum() {
        for (const bool feedback : {false, true}) {
            const auto many = train({.rank = 2, .errorFeedback = feedback}, 4, 5, [](int worker, int step) {
                return gaussian(kElements, static_cast<std::uint64_t>(10 * step + worker));
            });
            const auto one = train({.rank = 2, .errorFeedback = feedback}, 1, 5, [](int, int step) {
                std::vector<float> sum(kElements);
                for (int worker = 0; worker < 4; ++worker) {
                    const auto values = gaussian(kElements, static_cast<std::uint64_t>(10 * step + worker));
                    for (std::size_t i = 0; i < kElements; ++i) sum[i] += values[i];
                }
                return sum;
            });
            QVERIFY2(relative(many.last, one.last) < 1e-4,
                     qPrintable(QString::number(relative(many.last, one.last))));
        }
    }

    void whatIsLeftOut_isSentLater() {
        const std::vector<float> first = gaussian(kElements);
        const auto onlyFirst = [&](int, int step) {
            return step == 0 ? first : std::vector<float>(kElements);
        };
        const auto left = [&](const PowerSgdCompression& spec, int steps) {
            const auto result = train(spec, 2, steps, onlyFirst);
            std::vector<float> sum(result.sum.begin(), result.sum.end());
            for (float& value : sum) value /= 2;  // both ranks had it
            return relative(sum, first);
        };
        const double afterOne = left({.rank = 2}, 1), afterTen = left({.rank = 2}, 10),
                     atLast = left({.rank = 2}, 400);
        QVERIFY2(afterOne > 0.5 && afterTen < 0.8 * afterOne && atLast < 1e-3,
                 qPrintable(QString("%1, %2, %3").arg(afterOne).arg(afterTen).arg(atLast)));
        QCOMPARE(left({.rank = 2, .errorFeedback = false}, 40), afterOne);
    }

    void aStepWithoutGradient_endsNothing() {
        // Zeros, then rank 1, then rank 2: neither may keep Q at zero.
        const auto result = train({.rank = 2, .errorFeedback = false}, 2, 12, [](int, int step) {
            if (step == 0) return std::vector<float>(kElements);
            return lowRank(step < 3 ? 1 : 2, 1);
        });
        QVERIFY2(result.error < 1e-5, qPrintable(QString::number(result.error)));
    }

    void gradientsThatVanish_stayNumbers() {
        for (const float size : {1e-20f, 1e-37f, 1e-42f}) {
            const auto gradient = [&](int, int) {
                auto values = lowRank(2, 1);
                for (float& value : values) value *= size;
                return values;
            };
            const auto result = train({.rank = 3}, 2, 5, gradient);
            QVERIFY(std::all_of(result.last.begin(), result.last.end(),
                                [](float v) { return std::isfinite(v); }));
        }
    }

    void biases_areExactAtOnce() {
        const auto gradient = [](int worker, int) {
            return gaussian(kElements + kRows, static_cast<std::uint64_t>(worker));
        };
        const auto result = train({.rank = 1}, 2, 1, gradient, layer(kRows, kColumns, kRows));
        for (std::size_t i = kElements; i < kElements + kRows; ++i)
            QCOMPARE(result.last[i], gradient(0, 0)[i] + gradient(1, 0)[i]);
    }

    void columns_becomeOrthonormal() {
        constexpr std::int64_t kRank = 5;
        auto p = gaussian(kRank * 40);
        std::copy(p.begin(), p.begin() + 40, p.begin() + 80);  // the third column is the first
        for (std::size_t i = 120; i < 160; ++i) p[i] = p[i - 120] + 1e-4f * p[i];  // the fourth nearly is
        orthonormalise(p, kRank);
        for (std::size_t a = 0; a < kRank; ++a)
            for (std::size_t b = 0; b <= a; ++b) {
                double dot = 0;
                for (std::size_t i = 0; i < 40; ++i)
                    dot += static_cast<double>(p[a * 40 + i]) * p[b * 40 + i];
                QVERIFY(std::abs(dot - (a == b && a != 2 ? 1 : 0)) < 1e-5);
            }
    }
};

QTEST_GUILESS_MAIN(TestPowerSgd)
#include "tst_power_sgd.moc"
