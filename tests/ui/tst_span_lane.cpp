#include <QtTest>

#include "engine/core/random.h"
#include "ui/store/span_lane.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

/// What visible() promises, by looking at every span.
std::vector<std::int64_t> touching(const SpanLane& lane, std::int64_t from, std::int64_t to) {
    std::vector<std::int64_t> begins;
    for (const LaneSpan& span : lane.spans()) {
        if (span.end > from && span.begin < to) begins.push_back(span.begin);
    }
    return begins;
}

}  // namespace

class tst_span_lane : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void lateSpans_areInsertedInOrder() {
        SpanLane lane(0, Lane::Compute);
        for (const int begin : {10, 30, 20, 0, 40, 35}) lane.add({begin, begin + 5, begin});
        std::vector<std::int64_t> begins;
        for (const LaneSpan& span : lane.spans()) begins.push_back(span.begin);
        QCOMPARE(begins, (std::vector<std::int64_t>{0, 10, 20, 30, 35, 40}));
    }

    void event_isKeptWithAllThatIsShown() {
        Span event;
        event.stamp.at = Nanoseconds{30};
        event.begin = Nanoseconds{10};
        event.phase = Phase::BackwardInput;
        event.fused = true;
        event.step = 70'000;
        event.bucket = 70'000;
        event.microBatch = 1023;
        event.chunk = 3;
        event.peer = Rank{8191};
        const LaneSpan span = LaneSpan::of(event);
        QCOMPARE(span.begin, std::int64_t{10});
        QCOMPARE(span.end, std::int64_t{30});
        QCOMPARE(span.phase, Phase::BackwardInput);
        QVERIFY(span.fused);
        QCOMPARE(span.step, 70'000);
        QCOMPARE(int(span.bucket), 32767);  // the most there is room for
        QCOMPARE(int(span.microBatch), 1023);
        QCOMPARE(int(span.chunk), 3);
        QCOMPARE(int(span.peer), 8191);
        QCOMPARE(int(LaneSpan::of(Span{}).peer), int(kNone));
    }

    void whoCountsAlong_isToldOfInsertionsAndOfWhatIsForgotten() {
        SpanLane lane(0, Lane::Compute);
        for (int i = 0; i < 10; ++i) lane.add({i * 10, i * 10 + 5, i});
        QCOMPARE(lane.insertions(), std::uint64_t{0});
        QCOMPARE(lane.forgotten(), std::size_t{0});
        lane.add({12, 14, 1});
        QCOMPARE(lane.insertions(), std::uint64_t{1});
        lane.forgetOldestHalf();
        QCOMPARE(lane.forgotten(), std::size_t{6});
        lane.forgetOldestHalf();
        QCOMPARE(lane.forgotten(), std::size_t{9});
    }

    void visible_holdsAllThatTouch_data() {
        QTest::addColumn<bool>("nested");
        QTest::newRow("nested=no") << false;
        QTest::newRow("nested=yes") << true;
    }
    void visible_holdsAllThatTouch() {
        QFETCH(bool, nested);
        Random random(7);
        SpanLane lane(0, Lane::Compute);
        std::int64_t now = 0;
        for (int i = 0; i < 500; ++i) {
            now += static_cast<std::int64_t>(random.below(20));
            const auto lasts = static_cast<std::int64_t>(random.below(nested && i % 50 == 0 ? 3000 : 30)) + 1;
            lane.add({now, now + lasts, i});
            if (!nested) now += lasts;
        }
        for (int i = 0; i < 500; ++i) {
            const auto from = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(now) + 100));
            const std::int64_t to = from + 1 + static_cast<std::int64_t>(random.below(200));
            const auto expected = touching(lane, from, to);
            const auto found = lane.visible(from, to);
            std::vector<std::int64_t> really;
            for (const LaneSpan& span : found) {
                if (span.end > from && span.begin < to) really.push_back(span.begin);
            }
            QCOMPARE(really, expected);
            if (!expected.empty()) QCOMPARE(found.front().begin, expected.front());
            if (!nested) QCOMPARE(found.size(), expected.size());
        }
    }

    void at_findsTheInnermostSpanAndNoneInAGap() {
        SpanLane lane(0, Lane::Compute);
        lane.add({0, 100, 1});
        lane.add({20, 40, 2});
        lane.add({200, 210, 3});
        QCOMPARE(lane.at(30)->step, 2);
        QCOMPARE(lane.at(50)->step, 1);
        QCOMPARE(lane.at(200)->step, 3);
        QVERIFY(lane.at(100) == nullptr);
        QVERIFY(lane.at(210) == nullptr);
        QVERIFY(lane.at(-1) == nullptr);
    }

    void forgottenHalf_isTheOldestAndTold() {
        SpanLane lane(0, Lane::Compute);
        QVERIFY(!lane.forgottenBefore());
        for (int i = 0; i < 101; ++i) lane.add({i * 10, i * 10 + 10, i});
        lane.forgetOldestHalf();
        QCOMPARE(lane.spans().size(), std::size_t{50});
        QCOMPARE(lane.spans().front().step, 51);
        QCOMPARE(lane.forgottenBefore().value(), std::int64_t{510});
        while (!lane.spans().empty()) lane.forgetOldestHalf();
        QCOMPARE(lane.forgottenBefore().value(), std::int64_t{1010});
        lane.forgetOldestHalf();
    }
};

QTEST_GUILESS_MAIN(tst_span_lane)
#include "tst_span_lane.moc"
