// Sums of gradients that travel encoded: right, the same at every rank, and of the bytes and seconds of
// theory.
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <mutex>

#include "engine/comm/local/local_runtime.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/compress/compressed_sum.h"
#include "engine/compress/compression_cost.h"
#include "engine/compress/compressor.h"
#include "tests/support/made_gradients.h"

using namespace rondo;
using namespace rondo::test;

namespace {

struct Named {
    const char* name;
    CompressionSpec spec;
    double error;  ///< of the sum, as a share of the longest gradient: what the method may leave out
};
/// Density 1 and 16 bits: so that a sum that is wrong can't be taken for one that is only rough.
const std::vector<Named> kAll{
    {"half", HalfCompression{}, 1e-3},
    {"top_k all", TopKCompression{.density = 1}, 1e-6},
    {"top_k 10%", TopKCompression{.density = 0.1}, 2},
    {"dgc all", DgcCompression{.density = 1}, 1e-6},
    {"quantize 16", QuantizeCompression{.bits = 16}, 1e-2},
    {"quantize 4", QuantizeCompression{.bits = 4}, 1},
    {"sign", SignCompression{}, 2},
    {"power_sgd full", PowerSgdCompression{.rank = 256}, 1e-5},
    {"power_sgd 1", PowerSgdCompression{.rank = 1}, 2},
    {"random_mask all", RandomMaskCompression{.density = 1}, 1e-6},
};

/// One bucket: a matrix of so many rows of `columns`, and a bias that makes it `elements` in all.
BucketRange bucketOf(std::int64_t elements, std::int64_t columns = 20) {
    const std::int64_t rows = elements / columns, rest = elements % columns;
    BucketRange bucket{0, elements, 0, {}};
    if (rest > 0) bucket.tensors.push_back({rows * columns, rest, 1});
    if (rows > 0) bucket.tensors.push_back({0, rows, columns});
    return bucket;
}

/// Counts what all ranks together have sent and not received yet.
class Counting final : public Communicator {
  public:
    Counting(Communicator& inner, int& underWay, int& most)
        : inner_(inner), underWay_(underWay), most_(most) {}
    Rank rank() const override { return inner_.rank(); }
    int worldSize() const override { return inner_.worldSize(); }
    SendTicket beginSend(Rank to, const Parcel& parcel) override {
        most_ = std::max(most_, ++underWay_);
        return inner_.beginSend(to, parcel);
    }
    void finishSend(SendTicket ticket) override { inner_.finishSend(ticket); }
    std::int64_t receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) override {
        const std::int64_t bytes = inner_.receive(from, tag, consume);
        --underWay_;
        return bytes;
    }
    Rank receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) override {
        const Rank from = inner_.receiveAny(tag, consume);
        --underWay_;
        return from;
    }
    void setDeadline(std::optional<std::chrono::nanoseconds> deadline) override {
        inner_.setDeadline(deadline);
    }

  private:
    Communicator& inner_;
    int &underWay_, &most_;
};

struct Exchanged {
    std::vector<std::vector<float>> results;
    std::vector<CompressionTally> tallies;
    std::vector<std::int64_t> sent, received;
    std::int64_t messages = 0;
    double seconds = 0;
};

Exchanged exchange(const CompressionSpec& compression, int ranks, const std::vector<BucketRange>& buckets,
                   bool isVirtual = true, bool counted = false) {
    RunSpec spec;
    spec.workers = ranks;
    spec.compression = compression;
    spec.optimizer = SgdOptimizer{0.1, 0, 0};
    RunControl control(ranks, isVirtual);
    const auto runtime =
        isVirtual ? makeVirtualRuntime(ranks, {}, 1, control) : makeLocalRuntime(ranks, control);
    const auto n = static_cast<std::size_t>(ranks);
    Exchanged all{std::vector<std::vector<float>>(n), std::vector<CompressionTally>(n),
                  std::vector<std::int64_t>(n), std::vector<std::int64_t>(n)};
    std::mutex lock;
    runtime->run([&](Rank rank) {
        const auto elements = static_cast<std::size_t>(buckets.front().elements());
        std::vector<float> values = gaussian(counted ? 0 : elements, 100 + rank.index());
        const auto compressor = makeCompressor(spec, rank, buckets);
        compressor->beginStep(0);
        compressor->allReduce(runtime->communicator(rank, Lane::Compute),
                              counted ? Values::counted(elements) : Values(values), Bucket{0}, {.tag = 3});
        const std::lock_guard guard(lock);
        all.seconds = std::max(all.seconds, secondsOf(runtime->now()));
        all.tallies[rank.index()] = compressor->tally();
        all.results[rank.index()] = std::move(values);
    });
    for (int rank = 0; rank < ranks; ++rank) {
        const TrafficMeter& meter = runtime->meter(Rank{rank}, Lane::Compute);
        all.sent[static_cast<std::size_t>(rank)] = meter.payloadBytes();
        for (const auto& [to, traffic] : meter.sentTo()) {
            all.messages += traffic.messages;
            all.received[to.index()] += traffic.payloadBytes;
        }
    }
    return all;
}

Exchanged exchange(const CompressionSpec& compression, int ranks, std::int64_t elements,
                   bool isVirtual = true, bool counted = false) {
    return exchange(compression, ranks, std::vector{bucketOf(elements)}, isVirtual, counted);
}

void addCodecs(std::initializer_list<int> ranks) {
    QTest::addColumn<int>("which");
    QTest::addColumn<int>("ranks");
    for (std::size_t i = 0; i < kAll.size(); ++i)
        for (const int n : ranks) QTest::addRow("%s ranks=%d", kAll[i].name, n) << static_cast<int>(i) << n;
}
const Named& named(int which) {
    return kAll[static_cast<std::size_t>(which)];
}

}  // namespace

class TestCompressedSum : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyRank_endsWithTheSameBitsAndTheSum_data() { addCodecs({1, 2, 3, 4, 5, 6, 7, 8}); }
    void everyRank_endsWithTheSameBitsAndTheSum() {
        QFETCH(int, which);
        QFETCH(int, ranks);
        for (const std::int64_t elements : {0, 1, 5, 400, 4111}) {
            const Exchanged all = exchange(named(which).spec, ranks, elements);
            std::vector<double> sum(static_cast<std::size_t>(elements));
            double longest = 0;
            for (int rank = 0; rank < ranks; ++rank) {
                const auto values = gaussian(sum.size(), 100 + static_cast<std::uint64_t>(rank));
                for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += values[i];
                longest = std::max(longest, std::sqrt(squaresOf(values)));
            }
            double missed = 0;
            for (std::size_t i = 0; i < sum.size(); ++i)
                missed += (all.results[0][i] - sum[i]) * (all.results[0][i] - sum[i]);
            QVERIFY2(std::sqrt(missed) <= named(which).error * longest * std::sqrt(ranks),
                     qPrintable(QString("%1 of %2").arg(std::sqrt(missed)).arg(longest)));
            for (const auto& result : all.results)
                QVERIFY(std::equal(result.begin(), result.end(), all.results[0].begin(), all.results[0].end(),
                                   [](float a, float b) {
                                       return std::bit_cast<std::uint32_t>(a) ==
                                              std::bit_cast<std::uint32_t>(b);
                                   }));
        }
    }

    void threads_reachTheSameBits_data() { addCodecs({1, 2, 3, 4}); }
    void threads_reachTheSameBits() {
        QFETCH(int, which);
        QFETCH(int, ranks);
        const Exchanged threads = exchange(named(which).spec, ranks, 4111, false),
                        modelled = exchange(named(which).spec, ranks, 4111, true);
        QCOMPARE(threads.results, modelled.results);
        QCOMPARE(threads.sent, modelled.sent);
        QVERIFY(threads.tallies == modelled.tallies);
    }

    void bytesAndMessages_areCountedAsPredicted_data() { addCodecs({1, 2, 3, 4, 5, 6, 7, 8}); }
    void bytesAndMessages_areCountedAsPredicted() {
        QFETCH(int, which);
        QFETCH(int, ranks);
        for (const std::int64_t elements : {0, 1, 5, 400, 4111, 20'000})
            for (const bool counted : {false, true}) {
                const CompressionSpec& spec = named(which).spec;
                const Exchanged all = exchange(spec, ranks, elements, true, counted);
                for (int rank = 0; rank < ranks; ++rank)
                    QCOMPARE(all.sent[static_cast<std::size_t>(rank)],
                             compressedBytesSent(spec, bucketOf(elements), Rank{rank}, ranks));
                QCOMPARE(all.messages, compressedMessages(spec, ranks));
            }
    }

    void onlyCountedValues_takeTheSameTime_data() { addCodecs({4}); }
    void onlyCountedValues_takeTheSameTime() {
        QFETCH(int, which);
        QFETCH(int, ranks);
        const Exchanged real = exchange(named(which).spec, ranks, 4111, true, false),
                        counted = exchange(named(which).spec, ranks, 4111, true, true);
        QCOMPARE(counted.seconds, real.seconds);
        for (std::size_t rank = 0; rank < counted.tallies.size(); ++rank) {
            QCOMPARE(counted.tallies[rank].denseBytes, real.tallies[rank].denseBytes);
            QCOMPARE(counted.tallies[rank].error, 0.0);
        }
    }

    void virtualSeconds_areTheFormulas_data() { addCodecs({2, 4, 8}); }
    void virtualSeconds_areTheFormulas() {
        QFETCH(int, which);
        QFETCH(int, ranks);
        for (const std::int64_t elements : {400, 4'000, 320'000}) {
            const CompressionSpec& spec = named(which).spec;
            const double seconds = exchange(spec, ranks, elements).seconds,
                         theory = compressedSeconds(spec, bucketOf(elements), networkTermsOf({}, ranks));
            QVERIFY2(std::abs(seconds / theory - 1) < 1e-3,
                     qPrintable(QString("%1 s, expected %2 s").arg(seconds).arg(theory)));
        }
    }

    void chunksOfManyRanks_areNotAllUnderWayAtOnce_andTakeNoLonger() {
        constexpr int kRanks = 600;
        const std::vector buckets{bucketOf(kRanks * 1000)};
        RunSpec spec;
        spec.workers = kRanks;
        spec.compression = HalfCompression{};
        RunControl control(kRanks, true);
        const auto runtime = makeVirtualRuntime(kRanks, {}, 1, control);
        int underWay = 0, most = 0;
        runtime->run([&](Rank rank) {
            Counting comm(runtime->communicator(rank, Lane::Compute), underWay, most);
            const auto compressor = makeCompressor(spec, rank, buckets);
            compressor->beginStep(0);
            compressor->allReduce(comm, Values::counted(kRanks * 1000), Bucket{0}, {});
        });
        QCOMPARE(underWay, 0);
        QVERIFY2(most <= kRanks * kMostChunksAhead, qPrintable(QString::number(most)));
        const double theory = compressedSeconds(spec.compression, buckets[0], networkTermsOf({}, kRanks));
        QVERIFY(std::abs(secondsOf(runtime->now()) / theory - 1) < 1e-3);
    }

    void sparseFormats_growWithTheWorldInBothDirections() {
        constexpr std::int64_t kElements = 10'000;
        for (const CompressionSpec& spec :
             {CompressionSpec(TopKCompression{.density = 0.01}),
              CompressionSpec(DgcCompression{.density = 0.01}), CompressionSpec(SignCompression{}),
              CompressionSpec(RandomMaskCompression{.density = 0.01})}) {
            const std::int64_t one = encodedBytes(spec, bucketOf(kElements));
            for (const int ranks : {2, 4, 8}) {
                const Exchanged all = exchange(spec, ranks, kElements);
                for (const auto& bytes : {all.sent, all.received})
                    QCOMPARE(bytes,
                             std::vector<std::int64_t>(static_cast<std::size_t>(ranks), (ranks - 1) * one));
            }
        }
        // What goes by chunks hardly grows at all: 2(N−1)/N.
        for (const int ranks : {2, 4, 8}) {
            const Exchanged all = exchange(HalfCompression{}, ranks, kElements);
            for (const auto& bytes : {all.sent, all.received})
                QCOMPARE(bytes[0], 2 * (ranks - 1) * kElements * 2 / ranks);
        }
    }

    void tally_countsWhatStoodForTheGradient_data() { addCodecs({1, 4}); }
    void tally_countsWhatStoodForTheGradient() {
        QFETCH(int, which);
        QFETCH(int, ranks);
        const CompressionSpec& spec = named(which).spec;
        const Exchanged all = exchange(spec, ranks, 8192 * 4);
        for (const CompressionTally& tally : all.tallies) {
            QCOMPARE(tally.denseBytes, 8192 * 4 * 4);
            QCOMPARE(tally.encodedBytes, encodedBytes(spec, bucketOf(8192 * 4)));
            QVERIFY(tally.error >= 0 && tally.error < 1);
            const bool rough = named(which).error > 0.5;
            QCOMPARE(tally.error > 0.02, rough);
        }
    }

    void halfAndInt8_takeAHalfAndAQuarter() {
        for (const std::int64_t elements : {2048, 100'000}) {
            QCOMPARE(encodedBytes(HalfCompression{}, bucketOf(elements)), elements * 2);
            QCOMPARE(encodedBytes(QuantizeCompression{}, bucketOf(elements)),
                     elements + 4 * ((elements + 2047) / 2048));
        }
    }

    void divergence_isSeenByEveryRank() {
        for (const Named& method : kAll) {
            RunControl control(3, true);
            const auto runtime = makeVirtualRuntime(3, {}, 1, control);
            RunSpec spec;
            spec.workers = 3;
            spec.compression = method.spec;
            const std::vector buckets{bucketOf(400)};
            int seen = 0;
            runtime->run([&](Rank rank) {
                auto values = gaussian(400, rank.index());
                if (rank.value == 1) values[123] = std::nanf("");
                const auto compressor = makeCompressor(spec, rank, buckets);
                compressor->beginStep(0);
                compressor->allReduce(runtime->communicator(rank, Lane::Compute), values, Bucket{0}, {});
                seen += std::any_of(values.begin(), values.end(), [](float v) { return std::isnan(v); });
            });
            QVERIFY2(seen == 3, method.name);
        }
    }
};

QTEST_GUILESS_MAIN(TestCompressedSum)
#include "tst_compressed_sum.moc"
