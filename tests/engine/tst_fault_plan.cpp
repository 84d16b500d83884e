// When faults begin, for whom, and what becomes of links meanwhile.
#include <QtTest>

#include "engine/comm/virtual_time/network_model.h"
#include "engine/run/fault_plan.h"

using namespace rondo;

namespace {

constexpr Picoseconds ms(std::int64_t milliseconds) {
    return Picoseconds(milliseconds * 1'000'000'000);
}
FaultSpec fault(FaultKind kind, std::int64_t worker) {
    FaultSpec spec;
    spec.kind = kind;
    spec.worker = worker;
    return spec;
}
FaultSpec atStep(FaultSpec spec, std::int64_t step) {
    spec.atStep = step;
    return spec;
}
FaultSpec from(FaultSpec spec, double second, std::optional<double> seconds) {
    spec.atSecond = second;
    spec.forSeconds = seconds;
    return spec;
}
FaultSpec between(FaultSpec spec, std::int64_t peer) {
    spec.peer = peer;
    return spec;
}

}  // namespace

class TestFaultPlan : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void faultOfAStep_beginsWhenItsWorkerEntersIt() {
        FaultPlan plan({atStep(fault(FaultKind::Slow, 1), 5)});
        QVERIFY(plan.enter(Rank{1}, Step{4}, ms(40)).empty());
        QVERIFY(plan.enter(Rank{0}, Step{5}, ms(45)).empty());
        QCOMPARE(plan.slowness(Rank{1}, ms(49)), 1.0);
        const auto struck = plan.enter(Rank{1}, Step{5}, ms(50));
        QCOMPARE(struck.size(), std::size_t{1});
        QVERIFY(struck[0].begin == ms(50));
        QVERIFY(plan.enter(Rank{1}, Step{6}, ms(60)).empty());  // told once
        QCOMPARE(plan.slowness(Rank{1}, ms(1000)), 4.0);
        QCOMPARE(plan.slowness(Rank{0}, ms(1000)), 1.0);
    }

    void stepThatWasLeftOut_countsAsEntered() {
        FaultPlan plan({atStep(fault(FaultKind::Kill, 1), 5)});
        QCOMPARE(plan.enter(Rank{1}, Step{8}, ms(50)).size(), std::size_t{1});
    }

    void faultOfASecond_beginsThen_andIsToldAtTheNextBorder() {
        FaultPlan plan({from(fault(FaultKind::Slow, 1), 0.010, 0.020)});
        QCOMPARE(plan.slowness(Rank{1}, ms(9)), 1.0);
        QCOMPARE(plan.slowness(Rank{1}, ms(10)), 4.0);
        QCOMPARE(plan.slowness(Rank{1}, ms(29)), 4.0);
        QCOMPARE(plan.slowness(Rank{1}, ms(30)), 1.0);
        const auto struck = plan.enter(Rank{1}, Step{0}, ms(12));
        QCOMPARE(struck.size(), std::size_t{1});
        QVERIFY(struck[0].begin == ms(10));
    }

    void addedFault_beginsAtTheNextBorder() {
        FaultPlan plan({});
        plan.add(fault(FaultKind::Slow, 2));
        QCOMPARE(plan.slowness(Rank{2}, ms(7)), 1.0);
        QCOMPARE(plan.enter(Rank{2}, Step{30}, ms(8)).size(), std::size_t{1});
        QCOMPARE(plan.slowness(Rank{2}, ms(8)), 4.0);
    }

    void faultsOfOneWorker_multiply() {
        FaultSpec half = from(fault(FaultKind::Slow, 0), 0, std::nullopt);
        half.factor = 2;
        FaultPlan plan({from(fault(FaultKind::Slow, 0), 0, std::nullopt), half});
        QCOMPARE(plan.slowness(Rank{0}, ms(1)), 8.0);
    }

    void cutLink_isClosedBothWays_untilItIsThereAgain() {
        FaultPlan plan({from(between(fault(FaultKind::CutLink, 0), 2), 0.010, 0.020),
                        from(between(fault(FaultKind::CutLink, 2), 0), 0.025, 0.010)});
        for (const auto& [a, b] : {std::pair(Rank{0}, Rank{2}), std::pair(Rank{2}, Rank{0})}) {
            QVERIFY(plan.openFrom(a, b, ms(9)) == ms(9));
            QVERIFY(plan.openFrom(a, b, ms(10)) == ms(35));  // the second cut begins before the first ends
            QVERIFY(plan.openFrom(a, b, ms(35)) == ms(35));
        }
        QVERIFY(plan.openFrom(Rank{0}, Rank{1}, ms(15)) == ms(15));
    }

    // The other end of a link, with a plan of its own, says when it began.
    void faultThatHasBegunElsewhere_isTheOneThatIsKnownHere() {
        FaultSpec planned = atStep(between(fault(FaultKind::DegradeLink, 0), 1), 5);
        planned.factor = 3;
        FaultPlan plan({planned, from(between(fault(FaultKind::DegradeLink, 0), 2), 0.020, {})});
        QVERIFY(plan.damaged());
        FaultSpec begun = planned;
        begun.atStep = 5;
        begun.atSecond = 0.010;
        for (int twice = 0; twice < 2; ++twice) plan.add(begun);
        QCOMPARE(plan.slowness(Rank{0}, Rank{1}, ms(9)), 1.0);
        QCOMPARE(plan.slowness(Rank{0}, Rank{1}, ms(10)), 3.0);
        FaultSpec other = from(between(fault(FaultKind::DegradeLink, 0), 2), 0.020, {});
        other.atStep = 7;
        plan.add(other);
        QCOMPARE(plan.slowness(Rank{2}, Rank{0}, ms(20)), 4.0);
    }

    void faultThatNobodyKnew_isAdded() {
        FaultPlan plan({});
        QVERIFY(!plan.damaged());
        FaultSpec begun = between(fault(FaultKind::CutLink, 0), 1);
        begun.atStep = 5;
        begun.atSecond = 0.010;
        plan.add(begun);
        QVERIFY(plan.damaged());
        QVERIFY(plan.openFrom(Rank{1}, Rank{0}, ms(10)) == LinkState::kNeverOpen);
        // It isn't its worker's: nobody tells of it here.
        QVERIFY(plan.enter(Rank{1}, Step{6}, ms(20)).empty());
    }

    // A second one of the same kind is another one, unless it says that it has begun.
    void clicksAndPlans_areNotTakenForEachOther() {
        FaultSpec slow = between(fault(FaultKind::DegradeLink, 0), 1);
        FaultPlan plan({atStep(slow, 50)});
        plan.add(from(slow, 0.010, {}));
        plan.add(from(slow, 0.010, {}));
        QCOMPARE(plan.slowness(Rank{0}, Rank{1}, ms(10)), 16.0);
    }

    void cutForGood_neverOpens() {
        FaultPlan plan({from(between(fault(FaultKind::CutLink, 0), 1), 0.010, std::nullopt)});
        QVERIFY(plan.openFrom(Rank{1}, Rank{0}, ms(5)) == ms(5));
        QVERIFY(plan.openFrom(Rank{1}, Rank{0}, ms(10)) == LinkState::kNeverOpen);
    }

    void network_holdsMessagesBack_andKeepsNoCardWaiting() {
        ClusterSpec cluster;
        cluster.link = {.latencyUs = 0, .gbitPerS = 8};  // a byte a nanosecond
        FaultPlan plan({from(between(fault(FaultKind::CutLink, 0), 1), 0, 0.010)});
        NetworkModel network(cluster, 3, 1, &plan);
        const auto held = network.depart(Rank{0}, Rank{1}, 1'000'000, ms(0));
        QVERIFY(held.begin == ms(10) && held.freed == ms(11));
        const auto other = network.depart(Rank{0}, Rank{2}, 1'000'000, ms(0));
        QVERIFY(other.begin == ms(0) && other.freed == ms(1));
    }

    void degradedLink_takesSoManyTimesAsLong() {
        ClusterSpec cluster;
        cluster.link = {.latencyUs = 0, .gbitPerS = 8};
        FaultPlan plan({from(between(fault(FaultKind::DegradeLink, 1), 0), 0, 0.010)});
        NetworkModel network(cluster, 3, 1, &plan);
        QVERIFY(network.depart(Rank{0}, Rank{1}, 1'000'000, ms(0)).holds == ms(4));
        QVERIFY(network.depart(Rank{0}, Rank{2}, 1'000'000, ms(4)).holds == ms(1));
        QVERIFY(network.depart(Rank{0}, Rank{1}, 1'000'000, ms(10)).holds == ms(1));
    }

    void degradedLink_stretchesLatencyAndTypedInTimesToo() {
        FaultPlan plan({from(between(fault(FaultKind::DegradeLink, 1), 0), 0, 0.010)});
        ClusterSpec cluster;
        cluster.link = {.latencyUs = 1000, .gbitPerS = 8};
        QVERIFY(NetworkModel(cluster, 3, 1, &plan).depart(Rank{0}, Rank{1}, 8, ms(0)).arrival == ms(4));
        QVERIFY(NetworkModel(cluster, 3, 1, &plan).depart(Rank{0}, Rank{2}, 8, ms(0)).arrival == ms(1));
        cluster.times.messageMs = 2;
        QVERIFY(NetworkModel(cluster, 3, 1, &plan).depart(Rank{0}, Rank{1}, 8, ms(0)).arrival == ms(8));
    }
};

QTEST_APPLESS_MAIN(TestFaultPlan)
#include "tst_fault_plan.moc"
