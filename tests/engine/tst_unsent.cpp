// What a rank remembers of gradients it did not send whole.
#include <QtTest>
#include <cmath>
#include <numeric>

#include "engine/compress/sparse.h"
#include "engine/compress/unsent.h"
#include "tests/support/made_gradients.h"

using namespace rondo;
using namespace rondo::test;

namespace {

bool near(double a, double b, double within) {
    return std::abs(a - b) <= within;
}

/// Sends gradients one after the other and adds up what the receivers get.
class Receiver {
  public:
    Receiver(Unsent& unsent, const GradientCodec& codec, std::size_t elements)
        : unsent_(unsent), codec_(codec), sum_(elements) {}
    /// What of this gradient, and of those before, came.
    std::vector<float> take(std::vector<float> gradient, int part = 0) {
        lengths = unsent_.encode(part, gradient, bytes);
        const auto came = decoded(codec_, bytes, gradient.size());
        for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += came[i];
        return came;
    }
    const std::vector<double>& sum() const { return sum_; }
    SquaredLengths lengths;
    std::vector<std::byte> bytes;

  private:
    Unsent& unsent_;
    const GradientCodec& codec_;
    std::vector<double> sum_;
};

/// The velocities of momentum SGD, and how far they have gone.
struct Momentum {
    double momentum = 0.9;
    std::vector<double> velocity, way;
    void step(std::span<const float> gradient) {
        velocity.resize(gradient.size());
        way.resize(gradient.size());
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            velocity[i] = momentum * velocity[i] + gradient[i];
            way[i] += velocity[i];
        }
    }
};

}  // namespace

class TestUnsent : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void errorFeedback_sendsEverythingInTheEnd_data() {
        QTest::addColumn<int>("which");
        const char* const names[] = {"top_k", "sign", "random_mask"};
        for (int which = 0; which < 3; ++which) QTest::addRow("%s", names[which]) << which;
    }
    void errorFeedback_sendsEverythingInTheEnd() {
        QFETCH(int, which);
        const CompressionSpec specs[] = {TopKCompression{.density = 0.1}, SignCompression{},
                                         RandomMaskCompression{.density = 0.1, .errorFeedback = true}};
        const auto codec = makeCodec(specs[which]);
        Random random(1);
        const auto unsent = errorFeedback(*codec, random);
        constexpr std::size_t kElements = 200;
        Receiver receiver(*unsent, *codec, kElements);
        std::vector<double> wanted(kElements), missing(kElements);
        for (std::uint64_t step = 0; step < 50; ++step) {
            const auto gradient = gaussian(kElements, step);
            for (std::size_t i = 0; i < kElements; ++i) wanted[i] += gradient[i];
            receiver.take(gradient);
            double squares = 0;
            for (std::size_t i = 0; i < kElements; ++i) {
                missing[i] = wanted[i] - receiver.sum()[i];
                squares += missing[i] * missing[i];
            }
            // What it says is missing is what is missing.
            QVERIFY(near(receiver.lengths.missed, squares, 1e-4 * squares + 1e-12));
            QVERIFY(receiver.lengths.missed > 0 && receiver.lengths.wanted > 0);
        }
        // Nothing new comes: what is left drains away. A sign alone would dither around zero for ever.
        if (which == 1) return;
        for (int step = 0; step < 300; ++step) receiver.take(std::vector<float>(kElements));
        for (std::size_t i = 0; i < kElements; ++i) QVERIFY(near(receiver.sum()[i], wanted[i], 1e-6));
        QCOMPARE(receiver.lengths.missed, 0.0);
    }

    void errorFeedback_keepsPartsApart() {
        const auto codec = makeCodec(TopKCompression{.density = 0.5});
        Random random(1);
        const auto unsent = errorFeedback(*codec, random);
        Receiver receiver(*unsent, *codec, 2);
        QCOMPARE(receiver.take({1, 4}, 0), (std::vector<float>{0, 4}));
        QCOMPARE(receiver.take({0, 3}, 1), (std::vector<float>{0, 3}));
        QCOMPARE(receiver.take({0, 0}, 1), (std::vector<float>{0, 0}));
        QCOMPARE(receiver.take({0, 0}, 0), (std::vector<float>{1, 0}));
    }

    void withoutErrorFeedback_whatIsNotSentIsLost() {
        const auto codec = makeCodec(TopKCompression{.density = 0.5});
        Random random(1);
        const auto unsent = forget(*codec, random);
        Receiver receiver(*unsent, *codec, 2);
        QCOMPARE(receiver.take({3, 4}), (std::vector<float>{0, 4}));
        QCOMPARE(receiver.lengths.wanted, 25.0);
        QCOMPARE(receiver.lengths.missed, 9.0);
        QCOMPARE(receiver.take({0, 0}), (std::vector<float>{0, 0}));
    }

    void dgc_ofEverythingIsPlainSgd() {
        // All velocities are masked in each step, so no momentum carries on.
        const DgcCompression spec{.density = 1};
        const auto codec = makeCodec(spec);
        const auto unsent = deepGradientCompression(spec, 0.9, 4);
        Receiver receiver(*unsent, *codec, 100);
        for (std::uint64_t step = 0; step < 10; ++step) {
            const auto gradient = gaussian(100, step);
            QCOMPARE(receiver.take(gradient), gradient);
            QCOMPARE(receiver.lengths.missed, 0.0);
        }
    }

    void dgc_whatWaitsGoesAsFarAsMomentumWouldHave() {
        const DgcCompression spec{.density = 0.01};
        const auto codec = makeCodec(spec);
        const auto unsent = deepGradientCompression(spec, 0.9, 4);
        constexpr std::size_t kElements = 100;
        Receiver receiver(*unsent, *codec, kElements);
        std::vector<Momentum> each(kElements);
        int waited = 0;
        for (std::uint64_t step = 0; step < 40; ++step) {
            const auto gradient = gaussian(kElements, step);
            const auto came = receiver.take(gradient);
            double left = 0;
            int sent = 0;
            for (std::size_t i = 0; i < kElements; ++i) {
                each[i].step({&gradient[i], 1});
                if (came[i] == 0) {
                    left += each[i].way[0] * each[i].way[0];
                    continue;
                }
                ++sent;
                QVERIFY(near(came[i], each[i].way[0], 1e-6));
                waited += step > 0 && std::abs(came[i] - gradient[i]) > 1e-6;
                each[i] = {};  // factor masking: its momentum is cleared with it
            }
            QCOMPARE(sent, 1);
            QVERIFY(near(receiver.lengths.missed, left, 1e-5 * left));
        }
        QVERIFY(waited > 30);
    }

    void dgc_sendsTheLargestOfWhatWaits() {
        const DgcCompression spec{.density = 0.5};
        const auto codec = makeCodec(spec);
        const auto unsent = deepGradientCompression(spec, 0.5, 1);
        Receiver receiver(*unsent, *codec, 2);
        QCOMPARE(receiver.take({3, 4}), (std::vector<float>{0, 4}));
        // 3 + (0.5·3 + 1) waits against 5 + 0: the velocity of what was sent is gone.
        QCOMPARE(receiver.take({1, 5}), (std::vector<float>{5.5, 0}));
        QCOMPARE(receiver.take({0, 0}), (std::vector<float>{0, 7.5}));  // 5 + 0.5·5
    }

    void dgc_cutsGradientsToItsShareOfTheLength() {
        // √N gradients of independent noise add up to √N times the length of one.
        const DgcCompression spec{.density = 1, .clip = 6};
        const auto codec = makeCodec(spec);
        const auto unsent = deepGradientCompression(spec, 0.9, 4);
        Receiver receiver(*unsent, *codec, 2);
        const auto cut = receiver.take({30, -40});  // to 6/√4
        QVERIFY(near(cut[0], 1.8, 1e-6) && near(cut[1], -2.4, 1e-6));
        QCOMPARE(receiver.take({1.8f, 2.3f}), (std::vector<float>{1.8f, 2.3f}));
        const auto off = deepGradientCompression({.density = 1}, 0.9, 4);
        Receiver unclipped(*off, *codec, 2);
        QCOMPARE(unclipped.take({30, -40}), (std::vector<float>{30, -40}));
    }

    void dgc_warmsUpByThePapersDensities() {
        const DgcCompression spec{.density = 0.001, .warmupEpochs = 4};
        const std::vector expected{0.25, 0.0625, 0.015625, 0.004, 0.001, 0.001};
        for (std::size_t epoch = 0; epoch < expected.size(); ++epoch)
            QCOMPARE(dgcDensity(spec, static_cast<std::int64_t>(epoch)), expected[epoch]);
        QCOMPARE(dgcDensity({.density = 0.001, .warmupEpochs = 0}, 0), 0.001);
        // Longer stages; fewer epochs than stages; never below the density that is wanted.
        QCOMPARE(dgcDensity({.density = 0.001, .warmupEpochs = 8}, 1), 0.25);
        QCOMPARE(dgcDensity({.density = 0.001, .warmupEpochs = 8}, 2), 0.0625);
        QCOMPARE(dgcDensity({.density = 0.001, .warmupEpochs = 1}, 0), 0.25);
        QCOMPARE(dgcDensity({.density = 0.05, .warmupEpochs = 4}, 2), 0.05);

        const auto unsent = deepGradientCompression(spec, 0.9, 4);
        const auto codec = makeCodec(spec);
        Receiver receiver(*unsent, *codec, 64'000);
        for (std::size_t epoch = 0; epoch < expected.size(); ++epoch) {
            unsent->enterEpoch(static_cast<std::int64_t>(epoch));
            receiver.take(gaussian(64'000, epoch));
            QCOMPARE(static_cast<double>(receiver.bytes.size()), 6 * expected[epoch] * 64'000);
        }
    }

    void divergence_staysVisible() {
        const DgcCompression dgc{.density = 0.1};
        const auto topK = makeCodec(TopKCompression{.density = 0.1}), runs = makeCodec(dgc);
        Random random(1);
        const auto feedback = errorFeedback(*topK, random);
        const auto velocities = deepGradientCompression(dgc, 0.9, 1);
        auto gradient = gaussian(10);
        gradient[6] = std::nanf("");
        Receiver a(*feedback, *topK, 10), b(*velocities, *runs, 10);
        QVERIFY(std::isnan(a.take(gradient)[6]) && std::isnan(b.take(gradient)[6]));
        QVERIFY(std::isnan(a.lengths.wanted) && std::isnan(b.lengths.wanted));
    }

    void partsOfNoElements_areSentAsNothing() {
        const auto codec = makeCodec(TopKCompression{});
        Random random(1);
        std::vector<std::byte> bytes{std::byte{1}};
        for (const auto& unsent :
             {forget(*codec, random), errorFeedback(*codec, random), deepGradientCompression({}, 0.9, 2)}) {
            unsent->encode(0, {}, bytes);
            QVERIFY(bytes.empty());
        }
    }
};

QTEST_GUILESS_MAIN(TestUnsent)
#include "tst_unsent.moc"
