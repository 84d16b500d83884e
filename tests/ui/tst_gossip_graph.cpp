#include <QtTest>

#include "engine/algorithms/graph.h"
#include "ui/draw/gossip_graph.h"

using namespace rondo;
using namespace rondo::ui;

class TestGossipGraph : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void drawnGraph_hasTheSameLinks_data() {
        QTest::addColumn<GraphKind>("kind");
        QTest::addColumn<int>("workers");
        const std::pair<const char*, GraphKind> kinds[] = {{"ring", GraphKind::Ring},
                                                           {"torus", GraphKind::Torus},
                                                           {"star", GraphKind::Star},
                                                           {"line", GraphKind::Line},
                                                           {"full", GraphKind::Full}};
        for (const auto& [name, kind] : kinds)
            for (const int workers : {1, 2, 3, 8, 9})
                QTest::addRow("%s workers=%d", name, workers) << kind << workers;
    }
    void drawnGraph_hasTheSameLinks() {
        QFETCH(GraphKind, kind);
        QFETCH(int, workers);
        GossipAlgorithm named;
        named.graph = kind;
        const GossipAlgorithm drawn = drawnGraph(named, workers);
        QCOMPARE(drawn.graph, GraphKind::Edges);
        QVERIFY(makeGraph(drawn, workers).neighbours == makeGraph(named, workers).neighbours);
        QCOMPARE(drawnGraph(drawn, workers), drawn);
    }

    void link_isAddedOnce_whicheverEndItWasDrawnFrom() {
        GossipAlgorithm graph{.graph = GraphKind::Edges};
        graph = withLink(graph, 3, 1);
        QVERIFY(hasLink(graph, 1, 3) && hasLink(graph, 3, 1));
        QCOMPARE(withLink(graph, 1, 3), graph);
        QCOMPARE(withLink(graph, 2, 2), graph);
        QVERIFY(withoutLink(graph, 1, 3).edges.empty());
        QCOMPARE(withoutLink(graph, 1, 2), graph);
    }

    void agreement_isToldInRounds() {
        QCOMPARE(agreementText(0.54, true), QString("λ₂ = 0.54: disagreement halves in 1.1 rounds"));
        QCOMPARE(agreementText(1, false), QString("λ₂ = 1.000, in parts: never agrees"));
        QVERIFY(agreementText(0, true).contains("one round"));
    }

    void slowGraph_isNotRoundedToOneThatNeverAgrees() {
        const QString words = agreementText(0.99987, true);
        QVERIFY2(words.contains("0.9999") && words.contains("5.33e+03"), qPrintable(words));
    }
};

QTEST_APPLESS_MAIN(TestGossipGraph)
#include "tst_gossip_graph.moc"
