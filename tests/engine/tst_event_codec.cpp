#include <QTest>
#include <cmath>
#include <set>

#include "engine/core/random.h"
#include "engine/events/event_codec.h"
#include "tests/support/sample_events.h"

using namespace rondo;

namespace {
std::vector<std::byte> bytesOf(const Event& event) {
    std::vector<std::byte> bytes;
    encode(event, bytes);
    return bytes;
}
std::vector<std::byte> raw(std::initializer_list<int> values) {
    std::vector<std::byte> bytes;
    for (const int v : values) bytes.push_back(static_cast<std::byte>(v));
    return bytes;
}
}  // namespace

class TestEventCodec : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyType_comesBackEqual() {
        std::set<std::size_t> types;
        for (const Event& event : rondo::testing::oneOfEach()) {
            types.insert(event.index());
            const auto bytes = bytesOf(event);
            std::span<const std::byte> rest(bytes);
            const Result<Event> back = decode(rest);
            QVERIFY2(back.ok(), back.ok() ? "" : back.error().c_str());
            QVERIFY2(*back == event, qPrintable(QString("type %1").arg(event.index())));
            QVERIFY(rest.empty());
        }
        QCOMPARE(types.size(), std::variant_size_v<Event>);
    }
    void nan_isKept() {
        const auto bytes = bytesOf(StepCompleted{});
        std::span<const std::byte> rest(bytes);
        QVERIFY(std::isnan(std::get<StepCompleted>(*decode(rest)).loss));
    }
    void bytesOfASpan_areThoseOfTheFormat() {
        Span span{{1, Rank{-1}, 300, Nanoseconds{10}},
                  Phase::Update,
                  Lane::Compute,
                  false,
                  2,
                  kNone,
                  Nanoseconds{4},
                  3,
                  kNone,
                  Rank{1}};
        // type, run, rank, sequence (two bytes), at, phase, lane, fused, step, bucket, at − begin,
        // micro-batch, chunk, peer
        QVERIFY(bytesOf(span) == raw({7, 1, 1, 0xac, 2, 20, 7, 0, 0, 4, 1, 12, 6, 1, 2}));
    }
    void versionOne_hasNoFieldsOfPipelines() {
        const auto bytes = raw({7, 1, 1, 0xac, 2, 20, 7, 0, 0, 4, 1, 12});
        std::span<const std::byte> rest(bytes);
        const auto span = decode(rest, 1);
        QVERIFY(span.ok());
        QVERIFY(rest.empty());
        QCOMPARE(std::get<Span>(*span).microBatch, kNone);
        QCOMPARE(std::get<Span>(*span).begin, Nanoseconds{4});
    }
    void cutEvent_isRefusedAndLeavesTheBytes() {
        for (const Event& event : rondo::testing::oneOfEach()) {
            const auto bytes = bytesOf(event);
            for (std::size_t n = 0; n < bytes.size(); n += n < 200 ? 1 : 7919) {
                std::span<const std::byte> rest(bytes.data(), n);
                QVERIFY(!decode(rest).ok());
                QCOMPARE(rest.size(), n);
            }
        }
    }
    void badBytes_areRefused_data() {
        QTest::addColumn<QList<int>>("values");
        QTest::addColumn<QString>("says");
        constexpr int kFirstUnknown = std::variant_size_v<Event>;
        QTest::newRow("type=the first that is none")
            << QList<int>{kFirstUnknown, 0} << QString("type %1 is unknown").arg(kFirstUnknown);
        QTest::newRow("type=255") << QList<int>{255} << "type 255 is unknown";
        QTest::newRow("varint=eleven bytes")
            << QList<int>{10, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}
            << "more than 64 bits";
        QTest::newRow("phase=11") << QList<int>{7, 0, 0, 0, 0, 11, 0, 0, 0, 0, 0} << "outside";
        QTest::newRow("bool=2") << QList<int>{7, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0} << "outside";
        QTest::newRow("text=4GB") << QList<int>{1, 0, 0, 0, 0, 0, 255, 255, 255, 255, 15, 'a'}
                                  << "longer than";
        QTest::newRow("floats=2 of 1")
            << QList<int>{6, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 3, 4, 0} << "longer than";
    }
    void badBytes_areRefused() {
        QFETCH(QList<int>, values);
        QFETCH(QString, says);
        std::vector<std::byte> bytes;
        for (const int v : values) bytes.push_back(static_cast<std::byte>(v));
        std::span<const std::byte> rest(bytes);
        const Result<Event> event = decode(rest);
        QVERIFY(!event.ok());
        QVERIFY2(event.error().find(says.toStdString()) != std::string::npos, event.error().c_str());
        QCOMPARE(rest.size(), bytes.size());
    }
    void names_areThoseOfReports() {
        std::set<std::string_view> names;
        for (int p = 0; p < kPhases; ++p) names.insert(nameOf(static_cast<Phase>(p)));
        QCOMPARE(names.size(), std::size_t{kPhases});
        QVERIFY(nameOf(Phase::BackwardInput) == "backward_input");
        QVERIFY(nameOf(RunState::Finished) == "finished");
    }
};

QTEST_GUILESS_MAIN(TestEventCodec)
#include "tst_event_codec.moc"
