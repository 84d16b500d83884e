// Where cells and arrows lie, and what is said of a round.
#include <QtTest>

#include "ui/draw/chunk_layout.h"
#include "ui/draw/chunk_words.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

constexpr std::int64_t kElements = 800'000;
const QRectF kArea(100, 20, 900, 180);

ClusterSpec grouped(int size) {
    ClusterSpec cluster;
    cluster.groups.size = size;
    return cluster;
}

RoundWords wordsOf(Collective collective, int ranks, std::size_t done) {
    return roundWords(chunkHistory(collective, kElements, ranks, grouped(2)), collective, 2, done);
}

void everyWorld() {
    QTest::addColumn<int>("collective");
    QTest::addColumn<int>("ranks");
    for (const Collective kind : {Collective::Ring, Collective::Naive, Collective::Tree,
                                  Collective::HalvingDoubling, Collective::Hierarchical})
        for (const int ranks : {2, 3, 5, 6, 8, 11, 12, 16})
            if (kind != Collective::Hierarchical || ranks % 2 == 0)
                QTest::addRow("%d world=%d", static_cast<int>(kind), ranks)
                    << static_cast<int>(kind) << ranks;
}

}  // namespace

class tst_chunk_picture : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void cells_lieInTheirAreaAndApart_data() {
        QTest::addColumn<int>("ranks");
        QTest::addColumn<int>("chunks");
        QTest::addColumn<int>("group");
        for (const int ranks : {1, 3, 8, 16})
            for (const int chunks : {1, 4, 16})
                for (const int group : {0, 2})
                    QTest::addRow("%dx%d group=%d", ranks, chunks, group) << ranks << chunks << group;
    }
    void cells_lieInTheirAreaAndApart() {
        QFETCH(int, ranks);
        QFETCH(int, chunks);
        QFETCH(int, group);
        const ChunkLayout layout(kArea, ranks, chunks, group, 16, 40);
        for (int rank = 0; rank < ranks; ++rank)
            for (int chunk = 0; chunk < chunks; ++chunk) {
                const QRectF cell = layout.cell(rank, chunk);
                QVERIFY(kArea.adjusted(-0.01, -0.01, 0.01, 0.01).contains(cell));
                QVERIFY(cell.width() > 10 && cell.height() > 5);
                if (chunk > 0) QVERIFY(layout.cell(rank, chunk - 1).right() + 15 < cell.left());
                if (rank > 0) QVERIFY(layout.cell(rank - 1, chunk).bottom() < cell.top());
            }
    }

    void groups_areSetApart() {
        const ChunkLayout layout(kArea, 4, 4, 2, 16, 40);
        const auto gap = [&](int rank) {
            return layout.cell(rank, 0).top() - layout.cell(rank - 1, 0).bottom();
        };
        QVERIFY(gap(2) > gap(1) + 3);
        QCOMPARE(gap(1), gap(3));
    }

    void arrows_crossNoCellAndNoOtherArrow_data() { everyWorld(); }
    void arrows_crossNoCellAndNoOtherArrow() {
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto history = chunkHistory(static_cast<Collective>(collective), kElements, ranks, grouped(2));
        const ChunkLayout layout(kArea, ranks, history.chunks(), 0, 16, 40);
        for (const ChunkRound& round : history.rounds) {
            const auto arrows = layout.arrows(round.messages);
            QCOMPARE(arrows.size(), round.messages.size());
            for (const ChunkArrow& arrow : arrows) {
                const ChunkMessage& message = round.messages[arrow.message];
                const QRectF from = layout.cells(message.from.value, message.first, message.count);
                const QRectF to = layout.cells(message.to.value, message.first, message.count);
                QVERIFY(from.top() < arrow.fromY && arrow.fromY < from.bottom());
                QVERIFY(to.top() < arrow.toY && arrow.toY < to.bottom());
                QVERIFY(from.left() < arrow.fromX && arrow.fromX <= from.right() + 0.01);
                for (int chunk = 0; chunk < history.chunks(); ++chunk) {
                    const QRectF cell = layout.cell(0, chunk);
                    QVERIFY(arrow.x > cell.right() || arrow.x < cell.left());
                }
                for (const ChunkArrow& other : arrows) {
                    if (other.message == arrow.message || other.x != arrow.x) continue;
                    const auto [low, high] = std::minmax(arrow.fromY, arrow.toY);
                    const auto [otherLow, otherHigh] = std::minmax(other.fromY, other.toY);
                    QVERIFY(high < otherLow || otherHigh < low);
                }
            }
        }
    }

    void ringPhases_areNamedAndCounted() {
        QCOMPARE(wordsOf(Collective::Ring, 4, 0).phase, QString("Before the first round"));
        QVERIFY(wordsOf(Collective::Ring, 4, 0).deed.contains("4 chunks"));
        QCOMPARE(wordsOf(Collective::Ring, 4, 2).phase, QString("Reduce-scatter, round 2 of 3"));
        QCOMPARE(wordsOf(Collective::Ring, 4, 2).deed,
                 QString("Each worker passes one chunk to its right neighbour, which adds it to its own."));
        QCOMPARE(wordsOf(Collective::Ring, 4, 4).phase, QString("All-gather, round 1 of 3"));
        QVERIFY(!wordsOf(Collective::Ring, 4, 5).deed.contains("whole sum"));
        QVERIFY(wordsOf(Collective::Ring, 4, 6).deed.endsWith("Now every worker holds the whole sum."));
    }

    void treePhases_sayWhoTalksToWhom() {
        QCOMPARE(wordsOf(Collective::Tree, 8, 1).phase, QString("Up the tree (reduce), round 1 of 3"));
        QVERIFY(wordsOf(Collective::Tree, 8, 1)
                    .deed.startsWith("4 workers pass their whole sum to the one 1 before"));
        QVERIFY(wordsOf(Collective::Tree, 8, 3).deed.startsWith("Worker 4 passes its whole sum to worker 0"));
        QCOMPARE(wordsOf(Collective::Tree, 8, 4).phase, QString("Down the tree (broadcast), round 1 of 3"));
    }

    void naivePhases_sayThatAllOthersWait() {
        QVERIFY(
            wordsOf(Collective::Naive, 4, 1).deed.startsWith("Worker 0 passes the whole vector to worker 1"));
        QVERIFY(
            wordsOf(Collective::Naive, 4, 4).deed.startsWith("Worker 3 passes the whole result to worker 0"));
    }

    void halvingPhases_tellOfTheFoldWhereThereIsOne() {
        QCOMPARE(wordsOf(Collective::HalvingDoubling, 8, 1).phase,
                 QString("Reduce-scatter by halving, round 1 of 3"));
        QVERIFY(wordsOf(Collective::HalvingDoubling, 8, 1).deed.contains("4 chunks"));
        QVERIFY(wordsOf(Collective::HalvingDoubling, 8, 3).deed.contains("one chunk"));
        QCOMPARE(wordsOf(Collective::HalvingDoubling, 6, 1).phase,
                 QString("Fold to a power of two, round 1 of 1"));
        QCOMPARE(wordsOf(Collective::HalvingDoubling, 6, 6).phase, QString("Unfold, round 1 of 1"));
    }

    void hierarchicalPhases_tellInsideFromBetween() {
        const QString phases[] = {
            "Reduce-scatter inside groups, round 1 of 1",  "Reduce-scatter between groups, round 1 of 3",
            "Reduce-scatter between groups, round 2 of 3", "Reduce-scatter between groups, round 3 of 3",
            "All-gather between groups, round 1 of 3",     "All-gather between groups, round 2 of 3",
            "All-gather between groups, round 3 of 3",     "All-gather inside groups, round 1 of 1"};
        for (std::size_t i = 0; i < std::size(phases); ++i)
            QCOMPARE(wordsOf(Collective::Hierarchical, 8, i + 1).phase, phases[i]);
    }

    void vector_isToldWithItsChunks() {
        QCOMPARE(vectorWords(chunkHistory(Collective::Ring, kElements, 8, {})).replace(QChar(0xa0), ' '),
                 QString("A bucket of 3.20 MB in 8 chunks of 400 kB"));
        QCOMPARE(vectorWords(chunkHistory(Collective::Tree, kElements, 8, {})).replace(QChar(0xa0), ' '),
                 QString("A bucket of 3.20 MB, in one piece"));
    }

    void rowsEnd_countsWhatIsDone() {
        const auto ring = chunkHistory(Collective::Ring, kElements, 4, {});
        QCOMPARE(doneWords(ring, 2, 0), QString("0 of 4 done"));
        QCOMPARE(doneWords(ring, 2, 3), QString("1 of 4 done"));
        QCOMPARE(doneWords(ring, 2, 6), QString("all done"));
        const auto tree = chunkHistory(Collective::Tree, kElements, 4, {});
        QCOMPARE(doneWords(tree, 3, 2), QString("not done"));
        QCOMPARE(doneWords(tree, 0, 2), QString("done"));
    }
};

QTEST_MAIN(tst_chunk_picture)
#include "tst_chunk_picture.moc"
