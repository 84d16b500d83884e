// What the pictures of a collective show, against what is known of each.
#include <QtTest>
#include <bit>
#include <cmath>

#include "engine/comm/collectives/chunk_history.h"
#include "engine/comm/collectives/collective_cost.h"
#include "engine/comm/collectives/fold.h"

using namespace rondo;

namespace {

constexpr std::int64_t kElements = 1'000'003;  // no multiple of anything: chunks differ

ClusterSpec grouped(int size) {
    ClusterSpec cluster;
    cluster.groups.size = size;
    return cluster;
}

/// All five over worlds of every kind; a group of 2 where two divides the world.
void everyWorld() {
    QTest::addColumn<int>("collective");
    QTest::addColumn<int>("ranks");
    const std::pair<Collective, const char*> kinds[] = {{Collective::Ring, "ring"},
                                                        {Collective::Naive, "naive"},
                                                        {Collective::Tree, "tree"},
                                                        {Collective::HalvingDoubling, "halving_doubling"},
                                                        {Collective::Hierarchical, "hierarchical"}};
    for (const auto& [kind, name] : kinds)
        for (const int ranks : {1, 2, 3, 4, 5, 6, 7, 8, 12, 16})
            if (kind != Collective::Hierarchical || ranks % 2 == 0)
                QTest::addRow("%s world=%d", name, ranks) << static_cast<int>(kind) << ranks;
}

int doneChunks(const std::vector<Contributions>& row, Contributions everyone) {
    return static_cast<int>(std::count(row.begin(), row.end(), everyone));
}

}  // namespace

class TestChunkHistory : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void atTheStart_everyRankHoldsItsOwnAlone() {
        const auto history = chunkHistory(Collective::Ring, kElements, 4, {});
        QCOMPARE(history.chunks(), 4);
        for (std::size_t rank = 0; rank < 4; ++rank)
            for (const Contributions chunk : history.rowsAfter(0)[rank]) QCOMPARE(chunk, 1u << rank);
    }

    void atTheEnd_everyChunkOfEveryRankHoldsAll_data() { everyWorld(); }
    void atTheEnd_everyChunkOfEveryRankHoldsAll() {
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto history = chunkHistory(static_cast<Collective>(collective), kElements, ranks, grouped(2));
        QCOMPARE(history.rounds.empty(), ranks == 1);
        const auto& rows = history.rowsAfter(history.rounds.size());
        QCOMPARE(static_cast<int>(rows.size()), ranks);
        for (const auto& row : rows) {
            QCOMPARE(static_cast<int>(row.size()), history.chunks());
            QCOMPARE(doneChunks(row, history.everyone()), history.chunks());
        }
    }

    void rounds_areAsManyAsTheTextbookSays_data() { everyWorld(); }
    void rounds_areAsManyAsTheTextbookSays() {
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto history = chunkHistory(static_cast<Collective>(collective), kElements, ranks, grouped(2));
        const auto levels = std::bit_width(static_cast<unsigned>(ranks - 1));  // ⌈log₂N⌉
        const Fold fold(ranks);
        int expected = 2 * (ranks - 1);  // ring, naive
        if (static_cast<Collective>(collective) == Collective::Tree) expected = 2 * static_cast<int>(levels);
        if (static_cast<Collective>(collective) == Collective::HalvingDoubling)
            expected = 2 * (std::bit_width(static_cast<unsigned>(fold.power)) - 1) + (fold.pairs > 0 ? 2 : 0);
        if (static_cast<Collective>(collective) == Collective::Hierarchical)
            expected = 2 * (2 - 1) + 2 * (ranks / 2 - 1);
        QCOMPARE(static_cast<int>(history.rounds.size()), expected);
    }

    void messages_carryTheBytesOfTheFormula_data() { everyWorld(); }
    void messages_carryTheBytesOfTheFormula() {
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto kind = static_cast<Collective>(collective);
        const auto history = chunkHistory(kind, kElements, ranks, grouped(2));
        std::vector<std::int64_t> sent(static_cast<std::size_t>(ranks));
        std::int64_t messages = 0;
        for (const ChunkRound& round : history.rounds)
            for (const ChunkMessage& message : round.messages) {
                std::int64_t bytes = 0;
                for (int chunk = message.first; chunk < message.first + message.count; ++chunk)
                    bytes += history.chunkBytes[static_cast<std::size_t>(chunk)];
                QCOMPARE(message.bytes, bytes);
                sent[message.from.index()] += message.bytes;
                ++messages;
            }
        for (int rank = 0; rank < ranks; ++rank)
            QCOMPARE(sent[static_cast<std::size_t>(rank)], bytesSent(kind, kElements, Rank{rank}, ranks, 2));
        QCOMPARE(messages, messagesOf(kind, ranks, 2));
    }

    void chunks_areTheWholeVector_data() { everyWorld(); }
    void chunks_areTheWholeVector() {
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto history = chunkHistory(static_cast<Collective>(collective), kElements, ranks, grouped(2));
        std::int64_t sum = 0;
        for (const std::int64_t bytes : history.chunkBytes) sum += bytes;
        QCOMPARE(sum, 4 * kElements);
    }

    void idleLinks_takeTheSecondsOfTheFormula_data() {
        QTest::addColumn<int>("collective");
        QTest::addColumn<int>("ranks");
        for (const Collective kind : {Collective::Ring, Collective::Naive, Collective::Tree,
                                      Collective::HalvingDoubling, Collective::Hierarchical})
            for (const int ranks : {2, 4, 8, 16})
                QTest::addRow("%d world=%d", static_cast<int>(kind), ranks)
                    << static_cast<int>(kind) << ranks;
    }
    void idleLinks_takeTheSecondsOfTheFormula() {
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto kind = static_cast<Collective>(collective);
        const ClusterSpec cluster = kind == Collective::Hierarchical ? grouped(2) : ClusterSpec{};
        constexpr std::int64_t even = 1 << 20;  // a whole number of every chunk
        const auto history = chunkHistory(kind, even, ranks, cluster);
        const double theory = secondsOf(kind, 4.0 * even, networkTermsOf(cluster, ranks));
        QVERIFY2(std::abs(history.seconds() / theory - 1) < 1e-6,
                 qPrintable(QStringLiteral("%1 s, theory %2 s").arg(history.seconds()).arg(theory)));
    }

    void rounds_ofEqualLinks_takeEqualTime() {
        const auto history = chunkHistory(Collective::Ring, 8 * 1000, 8, {});
        const double each = history.rounds.front().seconds;
        for (std::size_t i = 0; i < history.rounds.size(); ++i)
            QVERIFY(std::abs(history.rounds[i].seconds - each * static_cast<double>(i + 1)) < 1e-9);
    }

    void ringAfterReduceScatter_leavesEachRankOneFinishedChunk_data() {
        QTest::addColumn<int>("ranks");
        for (const int ranks : {2, 3, 4, 7, 16}) QTest::addRow("world=%d", ranks) << ranks;
    }
    void ringAfterReduceScatter_leavesEachRankOneFinishedChunk() {
        QFETCH(int, ranks);
        const auto history = chunkHistory(Collective::Ring, kElements, ranks, {});
        const std::size_t half = history.rounds.size() / 2;
        const auto& rows = history.rowsAfter(half);
        for (int rank = 0; rank < ranks; ++rank) {
            const auto& row = rows[static_cast<std::size_t>(rank)];
            QCOMPARE(doneChunks(row, history.everyone()), 1);
            QCOMPARE(row[static_cast<std::size_t>((rank + 1) % ranks)], history.everyone());
        }
        for (std::size_t i = 0; i < history.rounds.size(); ++i)
            for (const ChunkMessage& message : history.rounds[i].messages) {
                QCOMPARE(message.added, i < half);
                QCOMPARE(message.count, 1);
                QCOMPARE(message.to.value, (message.from.value + 1) % ranks);
            }
    }

    void halving_finishesOneChunkARank_andDoublesWhatIsDone() {
        const auto history = chunkHistory(Collective::HalvingDoubling, kElements, 8, {});
        const int done[] = {0, 0, 0, 1, 2, 4, 8};
        for (std::size_t i = 0; i <= history.rounds.size(); ++i)
            for (const auto& row : history.rowsAfter(i))
                QCOMPARE(doneChunks(row, history.everyone()), done[i]);
    }

    void noRank_receivesTwiceInARound_data() { everyWorld(); }
    void noRank_receivesTwiceInARound() {
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto history = chunkHistory(static_cast<Collective>(collective), kElements, ranks, grouped(2));
        for (const ChunkRound& round : history.rounds)
            for (std::size_t i = 1; i < round.messages.size(); ++i)
                QVERIFY(round.messages[i - 1].to < round.messages[i].to);
    }

    void sums_holdNobodyTwice_data() { everyWorld(); }
    void sums_holdNobodyTwice() {
        // Two of the same bit in a sum would carry into the next: what is added must be new to the receiver.
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto history = chunkHistory(static_cast<Collective>(collective), kElements, ranks, grouped(2));
        for (std::size_t i = 0; i < history.rounds.size(); ++i)
            for (const ChunkMessage& message : history.rounds[i].messages) {
                if (!message.added) continue;
                for (int chunk = message.first; chunk < message.first + message.count; ++chunk) {
                    const auto c = static_cast<std::size_t>(chunk);
                    const auto before = history.rowsAfter(i)[message.to.index()][c];
                    const auto came = history.rowsAfter(i)[message.from.index()][c];
                    QCOMPARE(before & came, 0u);
                    QCOMPARE(history.rowsAfter(i + 1)[message.to.index()][c], before | came);
                }
            }
    }

    void slowLink_makesRoundsLonger_notMore() {
        ClusterSpec cluster;
        cluster.overrides.push_back({.worker = 2, .gbitPerS = 0.1});
        const auto equal = chunkHistory(Collective::Ring, kElements, 4, {});
        const auto slow = chunkHistory(Collective::Ring, kElements, 4, cluster);
        QCOMPARE(slow.rounds.size(), equal.rounds.size());
        QVERIFY(slow.seconds() > 5 * equal.seconds());
        for (std::size_t i = 0; i < slow.rounds.size(); ++i) {
            QCOMPARE(slow.rounds[i].messages, equal.rounds[i].messages);
            QVERIFY(i == 0 || slow.rounds[i].seconds >= slow.rounds[i - 1].seconds);
        }
    }

    void jitter_isLeftOut() {
        ClusterSpec cluster;
        cluster.link.jitterUs = 500;
        QCOMPARE(chunkHistory(Collective::Ring, kElements, 4, cluster).seconds(),
                 chunkHistory(Collective::Ring, kElements, 4, {}).seconds());
    }

    void whatCannotBeShown_isRefused() {
        const auto refused = [](Collective collective, int ranks, int group) {
            try {
                chunkHistory(collective, 100, ranks, grouped(group));
            } catch (const std::invalid_argument&) {
                return true;
            }
            return false;
        };
        QVERIFY(refused(Collective::Ring, 0, 0));
        QVERIFY(refused(Collective::Ring, kMostChunkRanks + 1, 0));
        QVERIFY(refused(Collective::Auto, 4, 0));
        QVERIFY(refused(Collective::Hierarchical, 4, 0));
        QVERIFY(refused(Collective::Hierarchical, 4, 3));
        QVERIFY(!refused(Collective::Hierarchical, 4, 2));
        QVERIFY(!refused(Collective::Ring, kMostChunkRanks, 0));
    }

    void vectorsShorterThanTheWorld_leaveChunksEmpty() {
        const auto history = chunkHistory(Collective::Ring, 2, 4, {});
        QCOMPARE(history.chunkBytes, (std::vector<std::int64_t>{4, 4, 0, 0}));
        QCOMPARE(history.rounds.size(), std::size_t{6});
    }
};

QTEST_APPLESS_MAIN(TestChunkHistory)
#include "tst_chunk_history.moc"
