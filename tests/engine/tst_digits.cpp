#include <QTest>
#include <cmath>
#include <map>
#include <set>

#include "engine/data/dataset.h"
#include "engine/data/handwriting.h"

using namespace rondo;

namespace {
/// Share of `test` whose nearest class mean (of `train`) is the right one: a linear model without training.
double nearestMeanAccuracy(const Samples& train, const Samples& test) {
    const auto features = std::size_t(train.shape.features());
    std::vector<std::vector<double>> means(10, std::vector<double>(features));
    for (std::size_t i = 0; i < train.labels.size(); ++i) {
        for (std::size_t f = 0; f < features; ++f)
            means[train.labels[i]][f] += train.pixels[i * features + f];
    }
    for (auto& mean : means) {
        for (double& v : mean) v /= double(train.labels.size()) / 10;
    }
    int right = 0;
    for (std::size_t i = 0; i < test.labels.size(); ++i) {
        std::size_t best = 0;
        double least = INFINITY;
        for (std::size_t c = 0; c < 10; ++c) {
            double distance = 0;
            for (std::size_t f = 0; f < features; ++f) {
                const double d = means[c][f] - test.pixels[i * features + f];
                distance += d * d;
            }
            if (distance < least) least = distance, best = c;
        }
        right += best == test.labels[i];
    }
    return double(right) / double(test.labels.size());
}
}  // namespace

class TestDigits : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void digits_dependOnSeedAlone() {
        const Dataset one = makeDigits({3001, 301}, 5, 1);
        for (const int threads : {2, 3, 16}) {
            const Dataset more = makeDigits({3001, 301}, 5, threads);
            QCOMPARE(more.train.fingerprint(), one.train.fingerprint());
            QCOMPARE(more.test.fingerprint(), one.test.fingerprint());
        }
        QVERIFY(makeDigits({3001, 301}, 6, 1).train.fingerprint() != one.train.fingerprint());
    }
    void digits_areTheSameOnEveryMachine() {
        // Changes only when the handwriting itself is changed, and recordings of old runs then no longer
        // repeat.
        QCOMPARE(makeDigits({8000, 2000}, 1, 2).train.fingerprint(), std::uint64_t{0xced196d9e493e181});
    }
    void firstSamples_dontDependOnHowManyFollow() {
        const Dataset few = makeDigits({57, 3}, 1, 1), many = makeDigits({500, 40}, 1, 2);
        QVERIFY(std::equal(few.train.pixels.begin(), few.train.pixels.end(), many.train.pixels.begin()));
        QVERIFY(std::equal(few.train.labels.begin(), few.train.labels.end(), many.train.labels.begin()));
        QVERIFY(std::equal(few.test.pixels.begin(), few.test.pixels.end(), many.test.pixels.begin()));
    }
    void classesAndWriters_areBalanced() {
        const Dataset data = makeDigits({8000, 2000}, 2, 2);
        QVERIFY((data.train.shape == SampleShape{{1, 28, 28}, 10}));
        QCOMPARE(data.train.pixels.size(), std::size_t{8000 * 784});
        for (const Samples* set : {&data.train, &data.test}) {
            std::map<int, int> classes, writers;
            for (const auto label : set->labels) ++classes[label];
            for (const auto writer : set->writers) ++writers[writer];
            QCOMPARE(classes.size(), std::size_t{10});
            for (const auto& [label, count] : classes) QCOMPARE(std::int64_t(count) * 10, set->size());
            QCOMPARE(writers.size(), std::size_t{120});
            for (const auto& [writer, count] : writers)
                QVERIFY(std::abs(count - double(set->size()) / 120) <= 10);
        }
        QVERIFY(data.train.fingerprint() != data.test.fingerprint());
    }
    void everyImage_hasInkOnPaperAndNoTwoAreEqual() {
        const Dataset data = makeDigits({2000, 500}, 3, 2);
        std::set<std::vector<std::uint8_t>> seen;
        for (std::size_t i = 0; i < 2000; ++i) {
            const auto first = data.train.pixels.begin() + std::ptrdiff_t(i * 784);
            const auto dark = std::count_if(first, first + 784, [](int p) { return p > 128; });
            QVERIFY2(dark > 15 && dark < 400,
                     qPrintable(QString("sample %1: %2 dark pixels").arg(i).arg(dark)));
            QVERIFY(seen.insert(std::vector<std::uint8_t>(first, first + 784)).second);
        }
    }
    void difficulty_leavesALinearModelRoomToFail() {
        const Dataset data = makeDigits({4000, 1000}, 1, 2);
        const double accuracy = nearestMeanAccuracy(data.train, data.test);
        QVERIFY2(accuracy > 0.55 && accuracy < 0.85, qPrintable(QString::number(accuracy)));
    }
    void oneWriter_resemblesHimself() {
        // A 1 by a writer who leans far to the right has its top right of its foot, whatever the occasion.
        Writer writer = makeWriter(9);
        writer.slant = 0.6f;
        writer.favourite.fill(0);
        int right = 0;
        for (std::uint64_t i = 0; i < 200; ++i) {
            std::array<std::uint8_t, kDigitPixels> pixels;
            writeDigit(1, writer, Random(i), pixels);
            double top = 0, topInk = 0, foot = 0, footInk = 0;
            for (std::size_t p = 0; p < kDigitPixels; ++p) {
                const double ink = pixels[p] > 100 ? pixels[p] : 0, x = double(p % 28);
                (p < 12 * 28 ? top : foot) += ink * x;
                (p < 12 * 28 ? topInk : footInk) += ink;
            }
            right += top / topInk > foot / footInk;
        }
        QVERIFY2(right > 190, qPrintable(QString::number(right)));
    }
    void tenThousandDigits_areQuick() {
        QBENCHMARK {
            makeDigits({8000, 2000}, 1, 1);
        }
    }
};

QTEST_GUILESS_MAIN(TestDigits)
#include "tst_digits.moc"
