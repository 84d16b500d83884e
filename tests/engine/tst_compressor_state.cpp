// What compression remembers, written down and read again: going on makes the same bits.
#include <QtTest>
#include <algorithm>

#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/compress/compressor.h"
#include "engine/core/result.h"
#include "tests/support/made_gradients.h"

using namespace rondo;
using namespace rondo::test;

namespace {

struct Named {
    const char* name;
    CompressionSpec spec;
    bool remembers;  ///< so that forgetting shows
};
const std::vector<Named> kAll{
    {"half", HalfCompression{}, false},
    {"top_k", TopKCompression{.density = 0.1}, true},
    {"top_k forgetful", TopKCompression{.density = 0.1, .errorFeedback = false}, false},
    {"dgc", DgcCompression{.density = 0.02, .warmupEpochs = 2}, true},
    {"quantize", QuantizeCompression{.bits = 4}, true},
    {"sign", SignCompression{}, true},
    {"power_sgd", PowerSgdCompression{.rank = 2}, true},
    {"power_sgd forgetful", PowerSgdCompression{.rank = 2, .errorFeedback = false}, true},
    {"random_mask", RandomMaskCompression{.density = 0.1}, true},
    {"random_mask feedback", RandomMaskCompression{.density = 0.1, .errorFeedback = true}, true},
};
constexpr int kRanks = 3, kSteps = 8;

const std::vector<BucketRange> kBuckets{{520, 900, 1, {{520, 20, 19}}},
                                        {0, 520, 0, {{500, 20, 1}, {0, 25, 20}}}};

RunSpec specOf(const CompressionSpec& compression) {
    RunSpec spec;
    spec.workers = kRanks;
    spec.compression = compression;
    spec.optimizer = SgdOptimizer{0.1, 0.9, 0};
    return spec;
}

enum class Pass { On, Restored, Forgotten };

/// What all ranks' gradients of each step became, by rank; before step `at` each rank's compressor makes
/// place for a new one.
std::vector<std::vector<float>> sums(const CompressionSpec& compression, int at, Pass pass) {
    const RunSpec spec = specOf(compression);
    RunControl control(kRanks, true);
    const auto runtime = makeVirtualRuntime(kRanks, {}, 1, control);
    std::vector<std::vector<float>> all(kRanks);
    runtime->run([&](Rank rank) {
        auto compressor = makeCompressor(spec, rank, kBuckets);
        for (int step = 0; step < kSteps; ++step) {
            if (step == at && pass != Pass::On) {
                RankState state;
                compressor->save(state);
                compressor = makeCompressor(spec, rank, kBuckets);
                if (pass == Pass::Restored) compressor->restore(state);
            }
            compressor->beginStep(step / 2);
            auto gradient = gaussian(900, static_cast<std::uint64_t>(step * kRanks + rank.value));
            for (std::int32_t bucket = 0; bucket < 2; ++bucket) {
                const BucketRange& range = kBuckets[static_cast<std::size_t>(bucket)];
                compressor->allReduce(runtime->communicator(rank, Lane::Compute),
                                      Values(gradient).sub(static_cast<std::size_t>(range.begin),
                                                           static_cast<std::size_t>(range.elements())),
                                      Bucket{bucket}, {.tag = static_cast<Tag>(bucket)});
            }
            auto& mine = all[rank.index()];
            mine.insert(mine.end(), gradient.begin(), gradient.end());
        }
    });
    return all;
}

/// What one rank sends a server, step by step.
std::vector<std::byte> pushes(const CompressionSpec& compression, int at) {
    RunSpec spec = specOf(compression);
    spec.algorithm = ParameterServerAlgorithm{.servers = 2};
    const std::vector<BucketRange> one{{0, 901, 0, {}}};  // shards of 451 and 450
    auto compressor = makeCompressor(spec, Rank{1}, one);
    std::vector<std::byte> sent;
    for (int step = 0; step < kSteps; ++step) {
        if (step == at) {
            RankState state;
            compressor->save(state);
            compressor = makeCompressor(spec, Rank{1}, one);
            compressor->restore(state);
        }
        compressor->beginStep(step / 2);
        auto gradient = gaussian(901, static_cast<std::uint64_t>(step));
        for (int server = 0; server < 2; ++server) {
            const std::size_t begin = server == 0 ? 0 : 451, size = server == 0 ? 451 : 450;
            const Parcel parcel = compressor->encode(Values(gradient).sub(begin, size), server, 1);
            sent.insert(sent.end(), parcel.bytes.begin(), parcel.bytes.end());
        }
    }
    return sent;
}

/// What a rank remembers after three steps alone.
RankState stateOf(const CompressionSpec& compression, const std::vector<BucketRange>& buckets = kBuckets) {
    RunSpec spec = specOf(compression);
    spec.workers = 1;
    RunControl control(1, true);
    const auto runtime = makeVirtualRuntime(1, {}, 1, control);
    RankState state;
    runtime->run([&](Rank rank) {
        const auto compressor = makeCompressor(spec, rank, buckets);
        for (int step = 0; step < 3; ++step) {
            compressor->beginStep(0);
            for (std::size_t bucket = 0; bucket < buckets.size(); ++bucket) {
                auto gradient = gaussian(static_cast<std::size_t>(buckets[bucket].elements()));
                compressor->allReduce(runtime->communicator(rank, Lane::Compute), Values(gradient),
                                      Bucket{static_cast<std::int32_t>(bucket)}, {});
            }
        }
        compressor->save(state);
    });
    return state;
}

void addMethods() {
    QTest::addColumn<int>("which");
    for (std::size_t which = 0; which < kAll.size(); ++which)
        QTest::addRow("%s", kAll[which].name) << static_cast<int>(which);
}

std::vector<float>& floatsOf(RankState& state, const std::string& name) {
    const auto found = std::find_if(state.floats.begin(), state.floats.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (found == state.floats.end()) throw std::out_of_range(name);
    return found->second;
}

}  // namespace

class TestCompressorState : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void restored_goesOnToTheSameBits_data() { addMethods(); }
    void restored_goesOnToTheSameBits() {
        QFETCH(int, which);
        const Named& method = kAll[static_cast<std::size_t>(which)];
        const auto whole = sums(method.spec, 0, Pass::On);
        for (int at = 0; at < kSteps; ++at) QCOMPARE(sums(method.spec, at, Pass::Restored), whole);
        // It is for what is remembered that they are.
        QCOMPARE(sums(method.spec, 4, Pass::Forgotten) != whole, method.remembers);
    }

    void restoredPushesToServers_areTheSameBytes_data() { addMethods(); }
    void restoredPushesToServers_areTheSameBytes() {
        QFETCH(int, which);
        const Named& method = kAll[static_cast<std::size_t>(which)];
        if (std::holds_alternative<PowerSgdCompression>(method.spec)) return;  // has no pushes
        const auto whole = pushes(method.spec, kNone);
        QVERIFY(!whole.empty());
        for (int at = 0; at < kSteps; ++at) QCOMPARE(pushes(method.spec, at), whole);
    }

    void onlyWhatAllRanksShare_isNotOwn() {
        for (const Named& method : kAll) {
            const RankState state = stateOf(method.spec);
            const RankState shared = withoutOwn(state);
            // Q has to be the same at all ranks; everything else is one rank's.
            const bool powerSgd = std::holds_alternative<PowerSgdCompression>(method.spec);
            QCOMPARE(shared.floats.size(), powerSgd ? 2u : 0u);
            QCOMPARE(shared.counts.size(), 0u);
            // A newcomer takes that, and has left nothing out yet.
            makeCompressor(specOf(method.spec), Rank{1}, kBuckets)->restore(shared);
        }
    }

    void whatDoesNotFit_isRefused_andChangesNothing_data() { addMethods(); }
    void whatDoesNotFit_isRefused_andChangesNothing() {
        QFETCH(int, which);
        const Named& method = kAll[static_cast<std::size_t>(which)];
        const RankState good = stateOf(method.spec);
        const auto compressor = makeCompressor(specOf(method.spec), Rank{0}, kBuckets);
        compressor->restore(good);
        const auto refuses = [&](const RankState& bad, const std::string& what) {
            bool refused = false;
            try {
                compressor->restore(bad);
            } catch (const BadInput&) {
                refused = true;
            }
            QVERIFY2(refused, qPrintable(QString::fromStdString(what)));
            RankState after;
            compressor->save(after);
            QCOMPARE(after, good);
        };
        for (std::size_t i = 0; i < good.floats.size(); ++i) {
            RankState bad = good;
            bad.floats[i].second.push_back(1);
            refuses(bad, "one more: " + bad.floats[i].first);
            bad = good;
            bad.floats[i].second.clear();
            refuses(bad, "none: " + bad.floats[i].first);
            bad = good;
            bad.floats[i].first += "7";  // of a part there isn't
            refuses(bad, bad.floats[i].first);
        }
        for (const Named& other : kAll)
            if (other.spec.index() != method.spec.index())
                for (const auto& [name, values] : stateOf(other.spec).floats)
                    if (std::none_of(good.floats.begin(), good.floats.end(),
                                     [&](const auto& entry) { return entry.first == name; })) {
                        RankState bad = good;
                        bad.floats.emplace_back(name, values);
                        refuses(bad, std::string(other.name) + ": " + name);
                    }
    }

    void problem_namesWhatAndHowMany() {
        RankState state = stateOf(TopKCompression{.density = 0.1});
        floatsOf(state, "own.compression.error.1").resize(3);
        try {
            makeCompressor(specOf(TopKCompression{.density = 0.1}), Rank{0}, kBuckets)->restore(state);
            QFAIL("taken");
        } catch (const BadInput& problem) {
            QCOMPARE(problem.problems(), (Problems{{"own.compression.error.1", "3 values, expected 520"}}));
        }
    }

    void notANumber_survives() {
        const TopKCompression spec{.density = 0.1};
        RankState state = stateOf(spec), after;
        floatsOf(state, "own.compression.error.0")[5] = std::nanf("");
        const auto compressor = makeCompressor(specOf(spec), Rank{0}, kBuckets);
        compressor->restore(state);
        compressor->save(after);
        QVERIFY(std::isnan(floatsOf(after, "own.compression.error.0")[5]));
    }
};

QTEST_GUILESS_MAIN(TestCompressorState)
#include "tst_compressor_state.moc"
