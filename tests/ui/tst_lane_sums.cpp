#include <QtTest>

#include "engine/core/random.h"
#include "ui/store/area_sums.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

PhaseTimes bySight(const SpanLane& lane, std::int64_t from, std::int64_t to) {
    PhaseTimes sums{};
    for (const LaneSpan& span : lane.spans())
        sums[static_cast<std::size_t>(span.phase)] +=
            std::max<std::int64_t>(0, std::min(span.end, to) - std::max(span.begin, from));
    return sums;
}

LaneSpan randomSpan(Random& random, std::int64_t& now) {
    LaneSpan span;
    now += static_cast<std::int64_t>(random.below(9));
    span.begin = now;
    now = span.end = now + 1 + static_cast<std::int64_t>(random.below(40));
    span.phase = static_cast<Phase>(random.below(kPhases));
    return span;
}

}  // namespace

class tst_lane_sums : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void anyStretch_sumsToWhatLookingAtEverySpanGives() {
        Random random(3);
        SpanLane lane(0, Lane::Compute);
        LaneSums sums;
        std::int64_t now = 0;
        for (int round = 0; round < 6; ++round) {
            for (int i = 0; i < 150; ++i) lane.add(randomSpan(random, now));
            // What is forgotten, and what comes late, must not upset it.
            if (round == 2) lane.forgetOldestHalf();
            if (round == 4) lane.add({now / 2, now / 2 + 3});
            sums.follow(lane);
            for (int i = 0; i < 200; ++i) {
                const auto from = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(now)));
                const auto to =
                    from + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(now)));
                QCOMPARE(sums.between(lane, from, to), bySight(lane, from, to));
            }
        }
    }

    void emptyStretch_hasNothing() {
        SpanLane lane(0, Lane::Compute);
        LaneSums sums;
        sums.follow(lane);
        QCOMPARE(sums.between(lane, 0, 100), PhaseTimes{});
    }

    void ranks_haveBothTheirLanesInOneRow() {
        RunStore store;
        AreaSums sums(store);
        RunStarted started;
        started.workers = 2;
        const auto span = [](int rank, Phase phase, Lane lane, std::int64_t begin, std::int64_t end) {
            Span one;
            one.stamp.rank = Rank{rank};
            one.stamp.at = Nanoseconds{end};
            one.begin = Nanoseconds{begin};
            one.phase = phase;
            one.lane = lane;
            return Event(one);
        };
        store.apply(std::vector<Event>{started, span(1, Phase::Forward, Lane::Compute, 0, 2'000'000'000)});
        QCOMPARE(sums.between(0, 1'000'000'000).size(), std::size_t{1});
        // Lanes that come later stand before those that are known.
        store.apply(
            std::vector<Event>{span(0, Phase::Update, Lane::Compute, 0, 1'000'000'000),
                               span(0, Phase::Wait, Lane::Compute, 1'000'000'000, 3'000'000'000),
                               span(0, Phase::Synchronise, Lane::Communication, 500'000'000, 1'500'000'000)});
        const auto rows = sums.between(500'000'000, 2'000'000'000);
        QCOMPARE(rows.size(), std::size_t{2});
        QCOMPARE(rows[0].rank, 0);
        QCOMPARE(rows[0].sum.compute, 0.5);
        QCOMPARE(rows[0].sum.communication, 1.0);
        QCOMPARE(rows[0].sum.wait, 1.0);
        QCOMPARE(rows[1].sum.compute, 1.5);
        QCOMPARE(rows[1].sum.wait, 0.0);
    }
};

QTEST_GUILESS_MAIN(tst_lane_sums)
#include "tst_lane_sums.moc"
