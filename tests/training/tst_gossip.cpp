// Decentralised SGD against synchronous SGD, its bytes and seconds against theory, and who agrees with whom.
#include <QtTest>

#include "engine/algorithms/predict.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

RunSpec gossipSpec(RunOn runOn, std::int64_t workers, std::int64_t batch, GossipAlgorithm gossip) {
    RunSpec spec = smallSpec(runOn, workers, batch);
    spec.data = DigitsData{320, 100};  // every rank has as many samples in every batch
    spec.algorithm = std::move(gossip);
    return spec;
}

double lastDistance(const Report& report) {
    return *report.history.back().consensusDistance;
}

}  // namespace

class TestGossip : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void fullGraph_isSynchronousTraining_data() {
        QTest::addColumn<bool>("isVirtual");
        QTest::addColumn<int>("workers");
        for (const bool isVirtual : {false, true})
            for (const int workers : {1, 2, 4, 8})
                QTest::addRow("%s workers=%d", isVirtual ? "virtual" : "threads", workers)
                    << isVirtual << workers;
    }
    void fullGraph_isSynchronousTraining() {
        QFETCH(bool, isVirtual);
        QFETCH(int, workers);
        const RunOn runOn = isVirtual ? RunOn::Virtual : RunOn::Threads;
        RunSpec one = gossipSpec(runOn, 1, 32, {});
        one.algorithm = SingleAlgorithm{};
        const auto many = train(gossipSpec(runOn, workers, 32 / workers, {.graph = GraphKind::Full}));
        compareRuns(many, train(one));
        QVERIFY(lastDistance(many.report) < 1e-4);
        QCOMPARE(*many.report.secondEigenvalue < 1e-6, true);
    }

    void everyGraph_trainsInBothModes_data() {
        QTest::addColumn<int>("kind");
        for (const auto kind : {GraphKind::Ring, GraphKind::Torus, GraphKind::Star, GraphKind::Line})
            QTest::addRow("kind %d", static_cast<int>(kind)) << static_cast<int>(kind);
    }
    void everyGraph_trainsInBothModes() {
        QFETCH(int, kind);
        const GossipAlgorithm gossip{.graph = static_cast<GraphKind>(kind)};
        const auto threads = train(gossipSpec(RunOn::Threads, 5, 8, gossip));
        const auto modelled = train(gossipSpec(RunOn::Virtual, 5, 8, gossip));
        compareRuns(threads, modelled);
        QVERIFY(std::abs(lastDistance(threads.report) - lastDistance(modelled.report)) < 1e-4);
        QVERIFY(lastDistance(modelled.report) > 1e-3);  // nobody has the whole sum
    }

    void denserGraphs_agreeMore() {
        const auto distance = [](GraphKind kind) {
            return lastDistance(train(gossipSpec(RunOn::Virtual, 8, 4, {.graph = kind})).report);
        };
        const double line = distance(GraphKind::Line), ring = distance(GraphKind::Ring),
                     full = distance(GraphKind::Full);
        QVERIFY(full < ring && ring < line);
    }

    void graphInParts_neverAgrees() {
        const GossipAlgorithm parts{.graph = GraphKind::Edges, .edges = {{0, 1}, {2, 3}}};
        const auto apart = train(gossipSpec(RunOn::Virtual, 4, 8, parts)).report;
        QCOMPARE(apart.status, RunState::Finished);
        QCOMPARE(*apart.secondEigenvalue, 1.0);
        QVERIFY(apart.history.back().consensusDistance > apart.history.front().consensusDistance);
        QVERIFY(lastDistance(apart) >
                3 * lastDistance(train(gossipSpec(RunOn::Virtual, 4, 8, {.graph = GraphKind::Ring})).report));
    }

    void bytesAndSeconds_areTheFormulas_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("workers");
        for (const auto kind : {GraphKind::Ring, GraphKind::Torus, GraphKind::Full})
            for (const int workers : {2, 4, 9})
                QTest::addRow("kind %d workers=%d", static_cast<int>(kind), workers)
                    << static_cast<int>(kind) << workers;
        for (const auto kind : {GraphKind::Star, GraphKind::Line})
            QTest::addRow("kind %d workers=5", static_cast<int>(kind)) << static_cast<int>(kind) << 5;
    }
    void bytesAndSeconds_areTheFormulas() {
        QFETCH(int, kind);
        QFETCH(int, workers);
        RunSpec spec = gossipSpec(RunOn::Virtual, workers, 4, {.graph = static_cast<GraphKind>(kind)});
        spec.stop = {.steps = 6};
        const Report report = train(spec).report;
        const Prediction predicted = predict(spec);
        std::vector<std::int64_t> sent(static_cast<std::size_t>(workers));
        for (const LinkReport& link : report.links) sent[link.from.index()] += link.traffic.payloadBytes;
        for (std::size_t rank = 0; rank < sent.size(); ++rank)
            QCOMPARE(sent[rank], 6 * predicted.sentPerStep[rank]);
        const bool regular =
            kind != static_cast<int>(GraphKind::Star) && kind != static_cast<int>(GraphKind::Line);
        if (regular)
            compareClosely(report.seconds, *predicted.seconds, 1e-3, "seconds");
        else
            QVERIFY(report.seconds <= *predicted.seconds * 1.001);
    }

    void virtualRuns_repeatBitForBit() {
        RunSpec spec = gossipSpec(RunOn::Virtual, 5, 8, {.graph = GraphKind::Ring});
        spec.cluster.link.jitterUs = 30;
        spec.cluster.overrides = {{.worker = 2, .speed = 0.25}};
        const auto a = train(spec), b = train(spec);
        QCOMPARE(a.report.weightsSha256, b.report.weightsSha256);
        QCOMPARE(a.report.seconds, b.report.seconds);
    }
};

QTEST_GUILESS_MAIN(TestGossip)
#include "tst_gossip.moc"
