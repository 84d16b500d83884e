#include <QTest>
#include <limits>

#include "engine/data/samples_codec.h"
#include "engine/run/sha256.h"
#include "tests/support/small_samples.h"

using namespace rondo;

namespace {

bool equal(const Samples& a, const Samples& b) {
    return a.shape == b.shape && a.pixels == b.pixels && a.values == b.values && a.labels == b.labels &&
           a.writers == b.writers;
}
/// Two points, two classes.
Samples twoPoints() {
    Samples samples;
    samples.shape = {{2}, 2};
    samples.values = {0.5f, 1, -1, 0};
    samples.labels = {0, 1};
    return samples;
}
using Change = void (*)(Samples&);

}  // namespace

Q_DECLARE_METATYPE(Change)

class TestSamplesCodec : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void samples_comeBackEqual() {
        for (const Samples& samples : test::smallSamples()) {
            const auto back = unpackSamples(packed(samples));
            QVERIFY2(back.ok(), back.ok() ? "" : back.error().c_str());
            QVERIFY(equal(*back, samples));
            QCOMPARE(back->fingerprint(), samples.fingerprint());
        }
    }
    void bytes_areThoseOfTheProtocol() {
        Samples samples;
        samples.shape = {{1, 2}, 3};
        samples.pixels = {7, 8};
        samples.labels = {2};
        samples.writers = {-1};
        const std::string expected("RONDODS1\2\2\4\6\2\2\7\10\0\1\2\1\1", 21);
        const auto bytes = packed(samples);
        QVERIFY(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == expected);
    }
    void hash_namesTheSamples() {
        const auto all = test::smallSamples();
        Samples other = all[0];
        QVERIFY(sha256(packed(other)) == sha256(packed(all[0])));
        other.labels[0] = static_cast<std::uint8_t>((other.labels[0] + 1) % 10);
        QVERIFY(sha256(packed(other)) != sha256(packed(all[0])));
    }
    void cutOrLonger_isRefused() {
        auto bytes = packed(twoPoints());
        for (std::size_t n = 0; n < bytes.size(); ++n)
            QVERIFY(!unpackSamples(std::span(bytes).first(n)).ok());
        QVERIFY(unpackSamples(bytes).ok());
        bytes.push_back({});
        QVERIFY(!unpackSamples(bytes).ok());
    }
    void whatDoesNotGoTogether_isRefused_data() {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, Change change, const char* says) {
            QTest::newRow(name) << change << says;
        };
        row(
            "no dims", [](Samples& s) { s.shape.dims = {}; }, "no shape");
        row(
            "dim=0",
            [](Samples& s) {
                s.shape.dims = {2, 0};
            },
            "no shape");
        row(
            "dim=-2", [](Samples& s) { s.shape.dims = {-2}; }, "no shape");
        row(
            "dims beyond 64 bits",
            [](Samples& s) {
                s.shape.dims = {1 << 30, 1 << 30, 1 << 30};
            },
            "no shape");
        row(
            "nine dims", [](Samples& s) { s.shape.dims = std::vector<std::int64_t>(9, 1); }, "no shape");
        row(
            "classes=0", [](Samples& s) { s.shape.classes = 0; }, "0 classes");
        row(
            "classes=257", [](Samples& s) { s.shape.classes = 257; }, "257 classes");
        row(
            "positions=0", [](Samples& s) { s.shape.positions = 0; }, "2 labels of 0");
        row(
            "positions=3", [](Samples& s) { s.shape.positions = 3; }, "2 labels of 3");
        row(
            "no labels", [](Samples& s) { s.labels = {}; }, "0 labels");
        row(
            "label=2", [](Samples& s) { s.labels[1] = 2; }, "none of the 2 classes");
        row(
            "label=255", [](Samples& s) { s.labels[1] = kNotCounted; }, "none of the 2 classes");
        row(
            "labels=3", [](Samples& s) { s.labels.push_back(0); }, "4 features, expected 2 for each of 3");
        row(
            "values=5", [](Samples& s) { s.values.push_back(0); }, "5 features");
        row(
            "values and pixels",
            [](Samples& s) {
                s.pixels = {1, 2, 3, 4};
            },
            "pixels and values");
        row(
            "writers=1", [](Samples& s) { s.writers = {1}; }, "1 writers of 2");
        row(
            "value=NaN", [](Samples& s) { s.values[0] = std::numeric_limits<float>::quiet_NaN(); },
            "no number");
        row(
            "symbol=2",
            [](Samples& s) {
                s.shape.positions = 2;
                s.values = {};
                s.pixels = {0, 2};
            },
            "a symbol is none of the 2");
    }
    void whatDoesNotGoTogether_isRefused() {
        QFETCH(Change, change);
        QFETCH(QString, says);
        Samples samples = twoPoints();
        change(samples);
        const auto back = unpackSamples(packed(samples));
        QVERIFY(!back.ok());
        QVERIFY2(back.error().find(says.toStdString()) != std::string::npos, back.error().c_str());
    }
};

QTEST_GUILESS_MAIN(TestSamplesCodec)
#include "tst_samples_codec.moc"
