// Real links slowed down to what the settings say: the model without sockets, and a ring over real ones.
#include <QtTest>

#include "engine/comm/collectives/collectives.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "net/data/shaper.h"
#include "tests/support/communicator_conformance.h"
#include "tests/support/ws_world.h"

using namespace rondo;
using namespace rondo::test;
using net::Arrived;
using net::ShapedArrivals;
using net::Shaper;

std::vector<QByteArray> rondo::test::kindsOfWorlds() {
    return {"shaped websocket"};
}

namespace {

ClusterSpec cluster(double latencyUs, double gbitPerS, double jitterUs = 0) {
    ClusterSpec spec;
    spec.link = {latencyUs, gbitPerS, jitterUs};
    return spec;
}

constexpr Nanoseconds kMs{1'000'000};

Arrived message(int from, std::int64_t bytes, Nanoseconds begin, Tag tag = 0) {
    Arrived arrived;
    arrived.header.from = from;
    arrived.header.payloadBytes = static_cast<std::uint64_t>(bytes);
    arrived.header.begin = begin.count();
    arrived.header.tag = tag;
    return arrived;
}

/// Who came, and when the model says so: time goes from one event to the next.
std::vector<std::pair<int, Nanoseconds>> playOut(ShapedArrivals& arrivals) {
    std::vector<std::pair<int, Nanoseconds>> all;
    while (const auto next = arrivals.next())
        arrivals.release(*next, [&](Arrived one) { all.emplace_back(one.header.from, one.at); });
    return all;
}

}  // namespace

std::unique_ptr<WorldUnderTest> rondo::test::makeWorld(const QString&, int size) {
    return makeWsWorld(size, [](net::WorldPlan& plan) { plan.shaped = cluster(20, 50, 10); });
}

/// A slowed link is still a network like the others.
class TestShaper : public CommunicatorConformance {
    Q_OBJECT
  private Q_SLOTS:
    void card_sendsOneMessageAfterTheOther() {
        Shaper shaper(cluster(10, 8), 3, 1, Rank{0});
        const auto first = shaper.depart(Rank{1}, 1'000'000, kMs),
                   second = shaper.depart(Rank{2}, 1'000'000, kMs);
        QCOMPARE(first.begin, kMs);
        QCOMPARE(first.freed, 2 * kMs);
        QCOMPARE(second.begin, 2 * kMs);
        QCOMPARE(second.freed, 3 * kMs);
    }

    void message_isThereAfterLatencyAndPassing() {
        ShapedArrivals arrivals(std::make_shared<Shaper>(cluster(500, 8), 2, 1, Rank{1}));
        arrivals.add(message(0, 1'000'000, kMs));
        std::vector<Nanoseconds> at;
        arrivals.release(kMs * 5 / 2 - Nanoseconds(1), [&](Arrived one) { at.push_back(one.at); });
        QVERIFY(at.empty());
        QCOMPARE(playOut(arrivals), (std::vector<std::pair<int, Nanoseconds>>{{0, kMs * 5 / 2}}));
        QVERIFY(arrivals.empty());
    }

    void incast_sharesTheReceiversCard() {
        ShapedArrivals arrivals(std::make_shared<Shaper>(cluster(10, 8), 4, 1, Rank{0}));
        for (const int from : {3, 1, 2}) arrivals.add(message(from, 1'000'000, Nanoseconds{0}));
        const Nanoseconds latency(10'000);
        QCOMPARE(playOut(arrivals), (std::vector<std::pair<int, Nanoseconds>>{
                                        {1, latency + kMs}, {2, latency + 2 * kMs}, {3, latency + 3 * kMs}}));
    }

    void slowNetwork_isNeverMadeToLookFaster() {
        ShapedArrivals arrivals(std::make_shared<Shaper>(cluster(10, 8), 2, 1, Rank{1}));
        Arrived late = message(0, 1'000'000, Nanoseconds{0});
        late.at = 50 * kMs;
        arrivals.add(std::move(late));
        QCOMPARE(playOut(arrivals), (std::vector<std::pair<int, Nanoseconds>>{{0, 50 * kMs}}));
    }

    void jitter_overtakesNobody() {
        ShapedArrivals arrivals(std::make_shared<Shaper>(cluster(10, 100, 5000), 2, 1, Rank{1}));
        for (Tag i = 0; i < 50; ++i) arrivals.add(message(0, 10, Nanoseconds(i * 1000), i));
        std::vector<Tag> order;
        while (const auto next = arrivals.next())
            arrivals.release(*next, [&](Arrived one) { order.push_back(one.header.tag); });
        QCOMPARE(order.size(), 50u);
        QVERIFY(std::is_sorted(order.begin(), order.end()));
    }

    void slowCardAndGroups_countAsInTheModel() {
        ClusterSpec spec = cluster(10, 8);
        spec.overrides.push_back({.worker = 1, .latencyUs = 100, .gbitPerS = 4.0});
        ShapedArrivals arrivals(std::make_shared<Shaper>(spec, 3, 1, Rank{0}));
        arrivals.add(message(1, 1'000'000, Nanoseconds{0}));
        QCOMPARE(playOut(arrivals)[0].second, Nanoseconds(100'000) + 2 * kMs);
    }

    void ring_takesTheTimeThatVirtualPredicts() {
        const ClusterSpec spec = cluster(2000, 0.4);
        constexpr int kWorld = 3, kTurns = 5;
        const std::size_t elements = 150'000;
        RunControl control(kWorld, true);
        const auto runtime = makeVirtualRuntime(kWorld, spec, 1, control);
        const auto rings = [&](Communicator& comm) {
            std::vector<float> values(elements);
            for (int turn = 0; turn < kTurns; ++turn) ringAllReduce(comm, values);
        };
        runtime->run([&](Rank rank) { rings(runtime->communicator(rank, Lane::Compute)); });
        const double predicted = secondsOf(runtime->now());
        const auto world = makeWsWorld(kWorld, [&](net::WorldPlan& plan) { plan.shaped = spec; });
        QElapsedTimer timer;
        timer.start();
        world->run(rings);
        const double measured = static_cast<double>(timer.nsecsElapsed()) * 1e-9;
        qInfo("%.1f ms on real sockets, %.1f ms in virtual time: %+.1f %%", measured * 1e3, predicted * 1e3,
              (measured / predicted - 1) * 100);
        QVERIFY(measured > 0.99 * predicted);  // never faster
        QVERIFY(measured < 10 * predicted);
    }
};

QTEST_GUILESS_MAIN(TestShaper)
#include "tests/support/moc_communicator_conformance.cpp"
#include "tst_shaper.moc"
