#include <QTest>
#include <cmath>

#include "engine/data/dataset.h"

using namespace rondo;

class TestDataset : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyKind_isMadeAsItsMakerMakesIt() {
        QCOMPARE(loadDataset(DigitsData{50, 10}, 3, 2).train.fingerprint(),
                 makeDigits({50, 10}, 3, 1).train.fingerprint());
        QCOMPARE(loadDataset(SpiralsData{50, 10}, 3).test.fingerprint(),
                 makeSpirals({50, 10}, 3).test.fingerprint());
        QCOMPARE(loadDataset(MoonsData{50, 10}, 3).test.fingerprint(),
                 makeMoons({50, 10}, 3).test.fingerprint());
        QVERIFY_EXCEPTION_THROWN(loadDataset(IdxData{"/no/such/folder"}, 3), BadInput);
    }
    void gather_scalesBytesToOne() {
        Samples samples;
        samples.shape = {{1, 16, 16}, 2};
        samples.labels = {0, 1};
        for (int i = 0; i < 512; ++i) samples.pixels.push_back(std::uint8_t(i));
        const std::vector<std::int64_t> chosen{1, 0, 1};
        std::vector<float> out(3 * 256, -1.0f);
        samples.gather(chosen, out);
        for (std::size_t i = 0; i < out.size(); ++i)
            QVERIFY(std::abs(out[i] - float(i % 256) / 255.0f) < 1e-7f);
        QCOMPARE(out[0], 0.0f);
        QCOMPARE(out[255], 1.0f);
    }
    void gather_copiesPoints() {
        Samples samples;
        samples.shape = {{2}, 2};
        samples.labels = {0, 1, 0};
        samples.values = {1, 2, 3, 4, 5, 6};
        const std::vector<std::int64_t> chosen{2, 0};
        std::vector<float> out(4);
        samples.gather(chosen, out);
        QVERIFY((out == std::vector<float>{5, 6, 1, 2}));
        samples.gather({}, {});
    }
    void fingerprint_seesEveryPart() {
        const Samples base = makeDigits({20, 1}, 1, 1).train;
        std::vector<Samples> others(5, base);
        others[0].pixels[783] ^= 1;
        others[1].labels.back() ^= 1;
        others[2].writers[0] += 1;
        others[3].shape.classes = 11;
        others[4].shape.dims = {784};
        for (const Samples& other : others) QVERIFY(other.fingerprint() != base.fingerprint());
        Samples points = makeMoons({4, 1}, 1).train;
        const auto before = points.fingerprint();
        points.values[3] = std::nextafter(points.values[3], 9.0f);
        QVERIFY(points.fingerprint() != before);
    }
    void gatheringABatch_isQuick() {
        const Samples samples = makeDigits({320, 1}, 1, 1).train;
        std::vector<std::int64_t> chosen;
        for (std::int64_t i = 0; i < 32; ++i) chosen.push_back(i * 7);
        std::vector<float> out(32 * 784);
        QBENCHMARK {
            samples.gather(chosen, out);
        }
    }
};

QTEST_GUILESS_MAIN(TestDataset)
#include "tst_dataset.moc"
