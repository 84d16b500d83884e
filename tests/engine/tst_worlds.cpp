// Runs that go through several worlds: which faults strike in the next one, and what the report is made of.
#include <QTest>

#include "engine/run/settings_of_world.h"
#include "engine/run/worlds_measured.h"

using namespace rondo;

namespace {

FaultSpec fault(FaultKind kind, std::int64_t worker) {
    FaultSpec spec;
    spec.kind = kind;
    spec.worker = worker;
    return spec;
}

/// Of four workers, number 1 was lost.
const std::vector<std::optional<Rank>> kWithoutOne{Rank{0}, std::nullopt, Rank{1}, Rank{2}};

std::vector<FaultSpec> next(const FaultSpec& spec, int first, double now) {
    RunSpec before;
    before.faults = {spec};
    return settingsOfNextWorld(before, kWithoutOne, 3, Step{first}, now).faults;
}

RankFigures sent(int to, std::int64_t bytes) {
    RankFigures figures;
    figures.sentTo[Rank{to}].payloadBytes = bytes;
    return figures;
}

}  // namespace

class TestWorlds : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void faultThatIsToCome_followsItsMachine() {
        FaultSpec slow = fault(FaultKind::Slow, 3);
        slow.atStep = 20;
        const auto after = next(slow, 10, 5);
        QCOMPARE(after.size(), std::size_t{1});
        QCOMPARE(after[0].worker, 2);
        QCOMPARE(after[0].atStep, std::optional<std::int64_t>(20));
    }
    void faultOfALostMachine_isGone() {
        FaultSpec kill = fault(FaultKind::Kill, 1);
        kill.atStep = 20;
        QVERIFY(next(kill, 10, 5).empty());
        FaultSpec cut = fault(FaultKind::CutLink, 0);
        cut.peer = 1;
        cut.atStep = 20;
        QVERIFY(next(cut, 10, 5).empty());
    }
    void momentaryFault_strikesOnce() {
        for (const FaultKind kind : {FaultKind::Pause, FaultKind::Restart, FaultKind::Kill}) {
            FaultSpec spec = fault(kind, 2);
            spec.atStep = 9;
            QVERIFY(next(spec, 10, 5).empty());
            spec.atStep = 10;  // of a step that is made again
            QCOMPARE(next(spec, 10, 5).size(), std::size_t{1});
            spec.atStep.reset();
            spec.atSecond = 4;
            QVERIFY(next(spec, 10, 5).empty());
            spec.atSecond = 6;
            QCOMPARE(next(spec, 10, 5).size(), std::size_t{1});
        }
    }
    void whatLasts_goesOn() {
        FaultSpec cut = fault(FaultKind::CutLink, 3);
        cut.peer = 2;
        cut.atSecond = 4;
        cut.forSeconds = 3;
        const auto after = next(cut, 10, 5);
        QCOMPARE(after.size(), std::size_t{1});
        QCOMPARE(after[0].worker, 2);
        QCOMPARE(after[0].peer, std::optional<std::int64_t>(1));
        QCOMPARE(after[0].atSecond, std::optional(4.0));  // and so ends at second 7
        QVERIFY(next(cut, 10, 7).empty());

        FaultSpec slow = fault(FaultKind::Slow, 0);
        slow.atStep = 3;
        const auto slower = next(slow, 10, 5);
        QCOMPARE(slower.size(), std::size_t{1});
        QVERIFY(!slower[0].atStep);
        QCOMPARE(slower[0].atSecond, std::optional(5.0));
    }

    void whatIsSaidOfOneMachine_goesWithIt() {
        RunSpec before;
        before.workers = 4;
        before.cluster.overrides.resize(2);
        before.cluster.overrides[0].worker = 1;
        before.cluster.overrides[1].worker = 3;
        before.algorithm = GossipAlgorithm{GraphKind::Edges, {{0, 1}, {0, 2}, {3, 0}}};
        const RunSpec after = settingsOfNextWorld(before, kWithoutOne, 3, Step{10}, 5);
        QCOMPARE(after.workers, 3);
        QCOMPARE(after.cluster.overrides.size(), std::size_t{1});
        QCOMPARE(after.cluster.overrides[0].worker, 2);
        const std::vector<std::pair<std::int64_t, std::int64_t>> edges{{0, 1}, {2, 0}};
        QVERIFY(std::get<GossipAlgorithm>(after.algorithm).edges == edges);
    }
    void linkToAServer_goesWithTheServer() {
        RunSpec before;
        FaultSpec cut = fault(FaultKind::CutLink, 0);
        cut.peer = 4;
        cut.atStep = 20;
        before.faults = {cut};
        auto places = kWithoutOne;
        places.push_back(Rank{3});
        QCOMPARE(settingsOfNextWorld(before, places, 3, Step{10}, 5).faults.at(0).peer,
                 std::optional<std::int64_t>(3));
    }

    void servers_keepTheirPlaces_behindTheLargestWorld() {
        // Two workers and a server, then three and the server, then one.
        WorldsMeasured worlds(1);
        worlds.add({sent(2, 10), sent(2, 20), sent(0, 5)});
        worlds.add({sent(3, 1), sent(3, 2), sent(3, 3), sent(2, 7)});
        worlds.add({sent(1, 100), sent(0, 1000)});
        QCOMPARE(worlds.workers(), 3);
        const FiguresOfRanks all = worlds.together();
        QCOMPARE(all.size(), std::size_t{4});
        QCOMPARE(all[0]->sentTo.at(Rank{3}).payloadBytes, 111);
        QCOMPARE(all[1]->sentTo.at(Rank{3}).payloadBytes, 22);
        QCOMPARE(all[2]->sentTo.at(Rank{3}).payloadBytes, 3);
        QCOMPARE(all[3]->sentTo.at(Rank{0}).payloadBytes, 1005);
        QCOMPARE(all[3]->sentTo.at(Rank{2}).payloadBytes, 7);
        QCOMPARE(all[0]->sentTo.size(), std::size_t{1});
    }
    void timeOfSteps_goesFromTheFirstWorldToTheLast() {
        RankFigures before, after, none;
        before.firstStepBegan = picosecondsOf(1);
        before.lastStepEnded = picosecondsOf(2);
        after.firstStepBegan = picosecondsOf(5);
        after.lastStepEnded = picosecondsOf(9);
        none.firstStepBegan = picosecondsOf(0);
        WorldsMeasured worlds(0);
        worlds.add({before});
        worlds.add({none});
        worlds.add({after});
        QCOMPARE(secondsOfSteps(worlds.together()), 8.0);
    }
    void compressionError_isTheMeanOverAllWorlds() {
        RankFigures many, one;
        many.compression.emplace();
        many.compressionErrorSum = 3;
        many.compressionSteps = 9;
        one.compression.emplace();
        one.compressionErrorSum = 2;
        one.compressionSteps = 1;
        WorldsMeasured worlds(0);
        worlds.add({many});
        worlds.add({one});
        Report report;
        report.spec.compression = TopKCompression{};
        measureInto(report, worlds.together(), worlds.workers());
        QCOMPARE(report.compression->error, 0.5);
    }
};

QTEST_GUILESS_MAIN(TestWorlds)
#include "tst_worlds.moc"
