// Codecs of gradients: what comes back, in how many bytes, and what is done about bytes nobody encoded.
#include <QtTest>
#include <bit>
#include <cmath>
#include <limits>

#include "engine/comm/communicator.h"
#include "engine/compress/half.h"
#include "engine/compress/quantize.h"
#include "engine/compress/sparse.h"
#include "tests/support/made_gradients.h"

using namespace rondo;
using namespace rondo::test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint16_t kHalfInfinity = 0x7c00;

struct Named {
    const char* name;
    CompressionSpec spec;
};
const std::vector<Named> kAll{
    {"half", HalfCompression{}},
    {"top_k 1%", TopKCompression{}},
    {"top_k all", TopKCompression{.density = 1}},
    {"dgc 10%", DgcCompression{.density = 0.1}},
    {"dgc all", DgcCompression{.density = 1}},
    {"quantize 8", QuantizeCompression{}},
    {"quantize 4", QuantizeCompression{.bits = 4}},
    {"quantize 2", QuantizeCompression{.bits = 2}},
    {"quantize 16", QuantizeCompression{.bits = 16}},
    {"quantize s=5", QuantizeCompression{.levels = 5}},
    {"sign", SignCompression{}},
    {"random_mask", RandomMaskCompression{}},
    {"random_mask all", RandomMaskCompression{.density = 1}},
};
void addCodecs() {
    QTest::addColumn<int>("which");
    for (std::size_t i = 0; i < kAll.size(); ++i) QTest::addRow("%s", kAll[i].name) << static_cast<int>(i);
}
const CompressionSpec& specOf(int which) {
    return kAll[static_cast<std::size_t>(which)].spec;
}

/// A half as the standard defines it.
double meaningOf(std::uint16_t half) {
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    return half & 0x8000 ? -magnitude : magnitude;
}

/// The slow obvious answer: of the two halves around a magnitude the nearer one, of two as near the even one.
std::uint16_t nearestHalf(double magnitude) {
    std::uint16_t below = 0;
    for (int step = 1 << 14; step > 0; step /= 2)
        if (below + step < kHalfInfinity && meaningOf(static_cast<std::uint16_t>(below + step)) <= magnitude)
            below = static_cast<std::uint16_t>(below + step);
    const auto above = static_cast<std::uint16_t>(below + 1);
    const double middle = (meaningOf(below) + (above == kHalfInfinity ? 65536.0 : meaningOf(above))) / 2;
    if (magnitude != middle) return magnitude < middle ? below : above;
    return below % 2 == 0 ? below : above;
}

bool refused(const GradientCodec& codec, std::span<const std::byte> bytes, std::size_t count) {
    try {
        decoded(codec, bytes, count);
    } catch (const CommError& error) {
        return error.kind() == CommError::Kind::WrongSize;
    }
    return false;
}

std::vector<std::byte> bytesOf(auto... values) {
    std::vector<std::byte> bytes;
    const auto append = [&](const auto& value) {
        const auto raw = std::as_bytes(std::span(&value, 1));
        bytes.insert(bytes.end(), raw.begin(), raw.end());
    };
    (append(values), ...);
    return bytes;
}

/// Indices of the largest values, by sorting them all.
std::vector<std::uint32_t> sortedOut(std::span<const float> values, std::size_t count) {
    std::vector<std::uint32_t> order(values.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::abs(values[a]) > std::abs(values[b]);
    });
    order.resize(std::min(count, order.size()));
    std::sort(order.begin(), order.end());
    return order;
}

}  // namespace

class TestGradientCodec : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyHalf_isWhatTheStandardSays() {
        for (int bits = 0; bits < 65536; ++bits) {
            const auto half = static_cast<std::uint16_t>(bits);
            const float value = floatOfHalf(half);
            const int magnitude = bits & 0x7fff;
            if (magnitude > kHalfInfinity) {
                QVERIFY(std::isnan(value) && std::isnan(floatOfHalf(halfOf(value))));
                continue;
            }
            if (magnitude == kHalfInfinity)
                QVERIFY(std::isinf(value));
            else
                QVERIFY(static_cast<double>(value) == meaningOf(half));
            QCOMPARE(std::signbit(value), bits > 0x7fff);
            QCOMPARE(halfOf(value), half);
        }
    }

    void halves_areRoundedToTheNearestEven() {
        Random random(3);
        for (int i = 0; i < 200'000; ++i) {
            // From far below the smallest half, 6e-8, to above the largest.
            const auto value =
                static_cast<float>(std::ldexp(1 + random.uniform(), static_cast<int>(random.below(44)) - 28));
            QCOMPARE(halfOf(value), nearestHalf(value));
            QCOMPARE(halfOf(-value), nearestHalf(value) | 0x8000);
        }
        for (std::uint16_t half = 0; half < kHalfInfinity; ++half) {
            const double above =
                half + 1 == kHalfInfinity ? 65536 : meaningOf(static_cast<std::uint16_t>(half + 1));
            const auto middle = static_cast<float>((meaningOf(half) + above) / 2);
            for (const float value :
                 {middle, std::nextafter(middle, 0.0f), std::nextafter(middle, kInfinity)})
                QCOMPARE(halfOf(value), nearestHalf(value));
        }
    }

    void halvesThatAreTooLarge_becomeInfinite() {
        QCOMPARE(halfOf(65519.996f), std::uint16_t{0x7bff});
        for (const float value : {65520.0f, 1e9f, std::numeric_limits<float>::max(), kInfinity}) {
            QCOMPARE(halfOf(value), kHalfInfinity);
            QCOMPARE(halfOf(-value), std::uint16_t{0xfc00});
        }
        QCOMPARE(halfOf(2.9e-8f), std::uint16_t{0});
    }

    void topK_sendsTheLargestValues() {
        const std::vector<float> values = gaussian(5000);
        for (const double density : {0.001, 0.01, 0.25, 1.0}) {
            const TopKCodec codec(density);
            const auto bytes = encoded(codec, values);
            QCOMPARE(static_cast<double>(values.size() * 4) / static_cast<double>(bytes.size()),
                     1 / (2 * density));
            std::vector<float> expected(values.size());
            for (const auto i : sortedOut(values, static_cast<std::size_t>(std::llround(5000 * density))))
                expected[i] = values[i];
            QCOMPARE(decoded(codec, bytes, values.size()), expected);
        }
    }

    void largest_isWhatSortingFinds() {
        Random random(5);
        for (const std::size_t elements : {0u, 1u, 2u, 100u, 3000u}) {
            std::vector<float> values(elements);
            for (int kind = 0; kind < 4; ++kind) {
                for (float& value : values) {
                    // All different; few values, so that many are equal; of all sizes; zeros.
                    value = static_cast<float>(
                        kind == 0   ? random.normal()
                        : kind == 1 ? static_cast<double>(random.below(3)) - 1
                        : kind == 2 ? std::ldexp(random.normal(), static_cast<int>(random.below(270)) - 140)
                                    : 0.0);
                }
                for (const std::size_t count : {0u, 1u, 2u, 50u, 2999u, 3000u, 4000u})
                    QCOMPARE(largest(values, static_cast<std::int64_t>(count)), sortedOut(values, count));
            }
        }
        QCOMPARE(largest(std::vector{1.0f, -kInfinity, 2.0f, kNan}, 2), (std::vector<std::uint32_t>{1, 3}));
    }

    void runs_mayBeLongerThanSixteenBits() {
        for (const std::size_t place : {0u, 65'534u, 65'535u, 65'536u, 131'071u, 131'072u, 199'999u}) {
            std::vector<float> values(200'000);
            values[place] = 3;
            values[199'999] = -2;
            const std::size_t kept = place == 199'999u ? 1 : 2;
            const RunLengthCodec codec(static_cast<double>(kept) / 200'000);
            const auto bytes = encoded(codec, values);
            QCOMPARE(decoded(codec, bytes, values.size()), values);
            // A value of its own for every 65,536 elements of a run.
            const std::size_t cuts = place / 65'536 + (199'999 - place - (kept - 1)) / 65'536;
            QCOMPARE(bytes.size(), 6 * (kept + cuts));
        }
    }

    void dgc_sends667TimesLessAtATenthOfAPercent() {
        const RunLengthCodec codec(0.001);
        const auto bytes = encoded(codec, gaussian(1'000'000));
        const double ratio = 4'000'000.0 / static_cast<double>(bytes.size());
        QVERIFY2(std::abs(ratio / 666.7 - 1) < 0.02, qPrintable(QString::number(ratio)));
        QCOMPARE(4'000'000 / codec.bytesFor(1'000'000), 666);
    }

    void quantize_isRightOnAverage() {
        const std::vector<float> values = gaussian(40);
        for (const std::int64_t levels : {1, 2, 7, 127}) {
            const QuantizeCodec codec({.bits = 8, .levels = levels});
            const float scale = std::abs(values[sortedOut(values, 1)[0]]);
            constexpr int kDraws = 20'000;
            Random random(11);
            std::vector<double> sums(values.size());
            std::vector<std::byte> bytes;
            for (int draw = 0; draw < kDraws; ++draw) {
                codec.encode(values, random, bytes);
                const auto got = decoded(codec, bytes, values.size());
                for (std::size_t i = 0; i < values.size(); ++i) {
                    sums[i] += got[i];
                    QVERIFY(std::abs(got[i] - values[i]) <= scale / static_cast<float>(levels) * 1.00001f);
                }
            }
            // Half a step is the most a two-point distribution deviates.
            const double deviation = 0.5 * scale / static_cast<double>(levels) / std::sqrt(kDraws);
            for (std::size_t i = 0; i < values.size(); ++i)
                QVERIFY(std::abs(sums[i] / kDraws - values[i]) < 5 * deviation);
        }
    }

    void quantize_staysInsideTheVarianceBound_data() {
        QTest::addColumn<int>("elements");
        QTest::addColumn<int>("levels");
        for (const int elements : {1, 16, 300, 2048, 10'000})
            for (const int levels : {1, 3, 7, 127})
                QTest::addRow("n=%d s=%d", elements, levels) << elements << levels;
    }
    void quantize_staysInsideTheVarianceBound() {
        QFETCH(int, elements);
        QFETCH(int, levels);
        const double n = elements, s = levels;
        const QuantizeCodec codec({.bits = 8, .levels = levels});
        Random random(13);
        // Gaussian; one value towers above the rest, where few levels are worst; all alike.
        for (int kind = 0; kind < 3; ++kind) {
            std::vector<float> values = gaussian(static_cast<std::size_t>(elements), 17);
            if (kind == 1) values[0] = 0.3f;
            if (kind == 2) std::fill(values.begin(), values.end(), 0.02f);
            const int draws = 200'000 / (elements + 100);
            double errors = 0;
            std::vector<std::byte> bytes;
            for (int draw = 0; draw < draws; ++draw) {
                codec.encode(values, random, bytes);
                auto got = decoded(codec, bytes, values.size());
                for (std::size_t i = 0; i < got.size(); ++i) got[i] -= values[i];
                errors += squaresOf(got);
            }
            const double bound = std::min(n / (s * s), std::sqrt(n) / s) * squaresOf(values);
            QVERIFY2(errors / draws <= bound, qPrintable(QString("%1 > %2").arg(errors / draws).arg(bound)));
            QVERIFY((errors > 0) == (kind != 2 && elements > 1));  // what is on a level stays there
        }
    }

    void quantize_takesItsBitsAndAScaleFor2048Values() {
        for (const std::int64_t elements : {1, 2047, 2048, 2049, 1'000'000}) {
            const std::int64_t scales = 4 * ((elements + 2047) / 2048);
            QCOMPARE(QuantizeCodec({.bits = 8}).bytesFor(elements), elements + scales);
            QCOMPARE(QuantizeCodec({.bits = 4}).bytesFor(elements), (elements + 1) / 2 + scales);
            QCOMPARE(QuantizeCodec({.bits = 2}).bytesFor(elements), (elements + 3) / 4 + scales);
            QCOMPARE(HalfCodec().bytesFor(elements), elements * 2);
        }
        QCOMPARE(QuantizeCodec({.bits = 8}).levels(), 127);
        QCOMPARE(QuantizeCodec({.bits = 2}).levels(), 1);
    }

    void quantize_keepsTheLargestWhateverItsSize() {
        for (const float value :
             {std::numeric_limits<float>::denorm_min(), 1e-40f, 1.0f, std::numeric_limits<float>::max()}) {
            const std::vector<float> values{value, -value, 0, -0.0f};
            const auto codec = makeCodec(QuantizeCompression{});
            QCOMPARE(decoded(*codec, encoded(*codec, values), 4), values);
        }
    }

    void sign_sendsOneBitAndTheMeanMagnitude() {
        const std::vector<float> values{1, -2, 0, 5, -0.0f, -7, 3, 2, -4};
        const auto codec = makeCodec(SignCompression{});
        const auto bytes = encoded(*codec, values);
        QCOMPARE(bytes.size(), std::size_t{2 + 4});
        const auto mean = static_cast<float>(24.0 / 9.0);
        QCOMPARE(decoded(*codec, bytes, 9),
                 (std::vector{mean, -mean, mean, mean, mean, -mean, mean, mean, -mean}));
    }

    void randomMask_isTheSameOnBothSidesAndRightOnAverage() {
        const std::vector<float> values = gaussian(50);
        constexpr int kDraws = 20'000, kKept = 10;
        const RandomMaskCodec codec(0.2, true);
        std::vector<int> chosen(values.size());
        for (int draw = 0; draw < kDraws; ++draw) {
            const auto got = decoded(codec, encoded(codec, values, static_cast<std::uint64_t>(draw)), 50);
            int kept = 0;
            for (std::size_t i = 0; i < got.size(); ++i) {
                if (got[i] == 0) continue;
                QCOMPARE(got[i], values[i] * 5);  // divided by the density: right on average
                ++kept;
                ++chosen[i];
            }
            QCOMPARE(kept, kKept);
        }
        const double deviation = std::sqrt(kDraws * 0.2 * 0.8);
        for (const int count : chosen) QVERIFY(std::abs(count - kDraws * 0.2) < 5 * deviation);
    }

    void randomMask_leavesValuesAsTheyAreForErrorFeedback() {
        const std::vector<float> values = gaussian(50);
        const auto codec = makeCodec(RandomMaskCompression{.density = 0.2, .errorFeedback = true});
        const auto got = decoded(*codec, encoded(*codec, values), 50);
        for (std::size_t i = 0; i < got.size(); ++i) QVERIFY(got[i] == 0 || got[i] == values[i]);
    }

    void everyCodec_takesTheBytesItSaysAndAdds_data() { addCodecs(); }
    void everyCodec_takesTheBytesItSaysAndAdds() {
        QFETCH(int, which);
        const auto codec = makeCodec(specOf(which));
        for (const std::size_t elements : {0u, 1u, 7u, 8u, 9u, 100u, 2047u, 2048u, 2049u, 5000u}) {
            const auto values = gaussian(elements);
            const auto bytes = encoded(*codec, values);
            QCOMPARE(static_cast<std::int64_t>(bytes.size()),
                     codec->bytesFor(static_cast<std::int64_t>(elements)));
            QCOMPARE(bytes.empty(), elements == 0);
            const auto once = decoded(*codec, bytes, elements);
            QVERIFY(elements == 0 || squaresOf(once) > 0);
            auto onTop = gaussian(elements, 2);
            auto expected = onTop;
            codec->add(bytes, onTop);
            for (std::size_t i = 0; i < elements; ++i) expected[i] += once[i];
            QCOMPARE(onTop, expected);
        }
    }

    void everyCodec_repeatsBitForBit_data() { addCodecs(); }
    void everyCodec_repeatsBitForBit() {
        QFETCH(int, which);
        const auto codec = makeCodec(specOf(which));
        const auto values = gaussian(3000);
        QVERIFY(encoded(*codec, values, 4) == encoded(*codec, values, 4));
    }

    void bytesNobodyEncoded_areRefused_data() { addCodecs(); }
    void bytesNobodyEncoded_areRefused() {
        QFETCH(int, which);
        const auto codec = makeCodec(specOf(which));
        Random random(19);
        for (const std::size_t elements : {0u, 1u, 9u, 100u, 2049u}) {
            auto bytes = encoded(*codec, gaussian(elements));
            auto longer = bytes;
            longer.push_back({});
            QVERIFY(refused(*codec, longer, elements));
            if (elements == 0) continue;
            QVERIFY(refused(*codec, std::span(bytes).first(bytes.size() - 1), elements));
            QVERIFY(refused(*codec, {}, elements));
            // Of the right length and nonsense: refused or added, and nothing outside is touched.
            for (int i = 0; i < 300; ++i) {
                for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.bits());
                std::vector<float> into(elements + 2);
                try {
                    codec->add(bytes, std::span(into).subspan(1, elements));
                } catch (const CommError& error) {
                    QCOMPARE(error.kind(), CommError::Kind::WrongSize);
                }
                QVERIFY(into.front() == 0 && into.back() == 0);
            }
        }
    }

    void indicesOutOfPlace_areRefused() {
        const TopKCodec topK(0.2);  // two of ten
        const auto pairs = [](std::uint32_t a, std::uint32_t b) { return bytesOf(a, b, 1.0f, 2.0f); };
        QCOMPARE(decoded(topK, pairs(3, 9), 10)[9], 2.0f);
        for (const auto& bytes : {pairs(3, 10), pairs(0xffffffffu, 3), pairs(3, 3), pairs(4, 3)})
            QVERIFY(refused(topK, bytes, 10));
        QVERIFY(refused(topK, bytesOf(std::uint32_t{3}, 1.0f), 10));

        const RunLengthCodec runs(0.2);
        const auto run = [](std::uint16_t a, std::uint16_t b) { return bytesOf(a, 1.0f, b, 2.0f); };
        QCOMPARE(decoded(runs, run(3, 5), 10)[9], 2.0f);
        for (const auto& bytes : {run(3, 6), run(10, 0), run(65535, 65535)})
            QVERIFY(refused(runs, bytes, 10));
        // During the warm-up more are sent than the density says.
        QCOMPARE(
            decoded(runs, bytesOf(std::uint16_t{0}, 1.0f, std::uint16_t{0}, 1.0f, std::uint16_t{0}, 1.0f),
                    3)[2],
            1.0f);
    }

    void scalesAndLevelsThatCannotBe_areRefused() {
        const QuantizeCodec quantize({.bits = 8});
        const auto one = [](float scale, std::uint8_t level) { return bytesOf(scale, level); };
        QCOMPARE(decoded(quantize, one(2, 254), 1)[0], 2.0f);
        QCOMPARE(decoded(quantize, one(2, 0), 1)[0], -2.0f);
        for (const auto& bytes : {one(2, 255), one(-2, 3), one(kInfinity, 3)})
            QVERIFY(refused(quantize, bytes, 1));
        QVERIFY(refused(*makeCodec(SignCompression{}), bytesOf(std::uint8_t{1}, -1.0f), 1));
    }

    void divergence_staysVisible_data() {
        QTest::addColumn<int>("which");
        for (std::size_t i = 0; i < kAll.size(); ++i)
            if (std::string_view(kAll[i].name) != "random_mask")  // what isn't sent can't be seen
                QTest::addRow("%s", kAll[i].name) << static_cast<int>(i);
    }
    void divergence_staysVisible() {
        QFETCH(int, which);
        const auto codec = makeCodec(specOf(which));
        for (const float bad : {kNan, -kNan, kInfinity, -kInfinity}) {
            auto values = gaussian(100);
            values[42] = bad;
            const auto got = decoded(*codec, encoded(*codec, values), values.size());
            if (std::isnan(bad))
                QVERIFY(std::isnan(got[42]));
            else
                QVERIFY(!std::isfinite(got[42]));
        }
    }
};

QTEST_GUILESS_MAIN(TestGradientCodec)
#include "tst_gradient_codec.moc"
