// Graphs of neighbours, their mixing matrices and how fast those agree.
#include <QtTest>
#include <cmath>
#include <set>

#include "engine/algorithms/graph.h"

using namespace rondo;

namespace {

using Edges = std::vector<std::pair<std::int64_t, std::int64_t>>;

double eigenvalue(GraphKind kind, int nodes, const Edges& edges = {}) {
    return iterateSecondEigenvalue(makeGraph({.graph = kind, .edges = edges}, nodes)).value;
}

}  // namespace

class TestGraph : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void secondEigenvalue_isTheReferences_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("nodes");
        QTest::addColumn<double>("expected");
        const auto row = [](const char* name, GraphKind kind, int nodes, double expected) {
            QTest::addRow("%s of %d", name, nodes) << static_cast<int>(kind) << nodes << expected;
        };
        for (const int nodes : {2, 3, 8}) row("full", GraphKind::Full, nodes, 0);
        row("ring", GraphKind::Ring, 4, 1.0 / 3);
        row("ring", GraphKind::Ring, 5, 0.539);
        row("ring", GraphKind::Ring, 8, 0.805);
        row("torus", GraphKind::Torus, 9, 0.4);
        row("star", GraphKind::Star, 4, 0.75);
        row("line", GraphKind::Line, 4, 0.805);
    }
    void secondEigenvalue_isTheReferences() {
        QFETCH(int, kind);
        QFETCH(int, nodes);
        QFETCH(double, expected);
        const double found = eigenvalue(static_cast<GraphKind>(kind), nodes);
        QVERIFY2(std::abs(found - expected) < 5e-4, qPrintable(QString::number(found)));
    }

    void closedForm_isWhatTheIterationFinds_data() {
        QTest::addColumn<int>("kind");
        for (const auto kind :
             {GraphKind::Ring, GraphKind::Torus, GraphKind::Star, GraphKind::Line, GraphKind::Full})
            QTest::addRow("kind %d", static_cast<int>(kind)) << static_cast<int>(kind);
    }
    void closedForm_isWhatTheIterationFinds() {
        QFETCH(int, kind);
        const auto graph = static_cast<GraphKind>(kind);
        for (int nodes = 1; nodes <= 40; ++nodes) {
            const double known = *knownSecondEigenvalue(graph, nodes), found = eigenvalue(graph, nodes);
            QVERIFY2(std::abs(known - found) < 1e-6,
                     qPrintable(QString("%1 nodes: %2, found %3").arg(nodes).arg(known).arg(found)));
        }
    }

    void drawnGraph_hasNoClosedForm() { QVERIFY(!knownSecondEigenvalue(GraphKind::Edges, 4)); }

    void iteration_visitsNoMoreLinksThanAllowed() {
        // A chain agrees so slowly that the iteration would go on for 20,000 rounds of 16,380 visits.
        const Graph chain = makeGraph({.graph = GraphKind::Line}, 4096);
        const std::int64_t round = 2 * 2 * 4095;
        const auto found = iterateSecondEigenvalue(chain, 1'000'000);
        QVERIFY(found.linkVisits >= 1'000'000 && found.linkVisits < 1'000'000 + round);
        QVERIFY(found.value > 0.99 && found.value <= *knownSecondEigenvalue(GraphKind::Line, 4096));
        QVERIFY(iterateSecondEigenvalue(chain).linkVisits < 50'000'000 + round);
        // One that agrees at once is done at once.
        const Graph full = makeGraph({.graph = GraphKind::Full}, 64);
        QVERIFY(iterateSecondEigenvalue(full).linkVisits <= 2 * 2 * 64 * 63);
    }

    void sign_doesNotCount() {
        // K₃,₃: its eigenvalues are 1, 0.25 four times, and −0.5.
        Edges edges;
        for (const int a : {0, 1, 2})
            for (const int b : {3, 4, 5}) edges.emplace_back(a, b);
        QVERIFY(std::abs(eigenvalue(GraphKind::Edges, 6, edges) - 0.5) < 1e-6);
    }

    void graphInParts_neverAgrees() {
        QCOMPARE(eigenvalue(GraphKind::Edges, 4, {{0, 1}, {2, 3}}), 1.0);
        QCOMPARE(eigenvalue(GraphKind::Edges, 2), 1.0);
        QCOMPARE(eigenvalue(GraphKind::Ring, 1), 0.0);
        QCOMPARE(eigenvalue(GraphKind::Edges, 0), 0.0);
    }

    void weights_areSymmetricAndAddUpToOne_data() {
        QTest::addColumn<int>("kind");
        for (int kind = 0; kind < 6; ++kind) QTest::addRow("kind %d", kind) << kind;
    }
    void weights_areSymmetricAndAddUpToOne() {
        QFETCH(int, kind);
        for (const int nodes : {1, 2, 3, 7, 12}) {
            const Graph graph =
                makeGraph({.graph = static_cast<GraphKind>(kind), .edges = {{0, 1}, {1, 0}, {0, 2}}}, nodes);
            const auto rows = metropolisWeights(graph);
            const auto weight = [&](int from, int to) {
                const auto& list = graph.neighbours[static_cast<std::size_t>(from)];
                const auto place = std::find(list.begin(), list.end(), to) - list.begin();
                return rows[static_cast<std::size_t>(from)].neighbours[static_cast<std::size_t>(place)];
            };
            for (int i = 0; i < nodes; ++i) {
                double sum = rows[static_cast<std::size_t>(i)].own;
                QVERIFY(sum > 0);
                for (const int j : graph.neighbours[static_cast<std::size_t>(i)]) {
                    QCOMPARE(weight(i, j), weight(j, i));
                    sum += weight(i, j);
                }
                QVERIFY(std::abs(sum - 1) < 1e-12);
            }
        }
    }

    void sendOrder_neverSendsToOneTwiceAtOnce_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("nodes");
        for (const auto kind : {GraphKind::Ring, GraphKind::Torus, GraphKind::Full})
            for (const int nodes : {2, 3, 4, 9, 12, 16, 25, 400})
                QTest::addRow("kind %d of %d", static_cast<int>(kind), nodes)
                    << static_cast<int>(kind) << nodes;
        // Too large to colour: the order of the next one up is as good here.
        QTest::addRow("ring of 60000") << static_cast<int>(GraphKind::Ring) << 60'000;
    }
    void sendOrder_neverSendsToOneTwiceAtOnce() {
        QFETCH(int, kind);
        QFETCH(int, nodes);
        const Graph graph = makeGraph({.graph = static_cast<GraphKind>(kind)}, nodes);
        const auto order = sendOrder(graph);
        for (int node = 0; node < nodes; ++node) {
            auto sorted = order[static_cast<std::size_t>(node)];
            std::sort(sorted.begin(), sorted.end());
            QCOMPARE(sorted, graph.neighbours[static_cast<std::size_t>(node)]);
        }
        // All of these are regular: every node sends in every turn.
        for (std::size_t turn = 0; turn < order[0].size(); ++turn) {
            std::set<int> receivers;
            for (const auto& own : order)
                if (!receivers.insert(own[turn]).second) QFAIL("one is sent to twice in a turn");
        }
    }

    void sendOrder_ofAnyGraphHasEveryNeighbourOnce() {
        for (const auto kind : {GraphKind::Star, GraphKind::Line, GraphKind::Edges}) {
            const Graph graph = makeGraph(
                {.graph = kind,
                 .edges = kind == GraphKind::Edges ? Edges{{0, 1}, {0, 2}, {0, 3}, {3, 4}, {4, 5}, {1, 5}}
                                                   : Edges{}},
                7);
            const auto order = sendOrder(graph);
            for (int node = 0; node < 7; ++node) {
                auto sorted = order[static_cast<std::size_t>(node)];
                std::sort(sorted.begin(), sorted.end());
                QCOMPARE(sorted, graph.neighbours[static_cast<std::size_t>(node)]);
            }
        }
    }

    void torus_isAsSquareAsTheNumberAllows() {
        for (const auto& [nodes, degree] : {std::pair{9, 4}, {12, 4}, {4, 2}, {6, 3}, {7, 2}, {2, 1}}) {
            const Graph graph = makeGraph({.graph = GraphKind::Torus}, nodes);
            for (int node = 0; node < nodes; ++node) QCOMPARE(graph.degree(node), degree);
        }
    }
};

QTEST_GUILESS_MAIN(TestGraph)
#include "tst_graph.moc"
