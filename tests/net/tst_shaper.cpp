// Real links slowed down to what the settings say: the model without sockets, and a ring over real ones.
#include <QtTest>

#include "engine/comm/collectives/collectives.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/run/fault_plan.h"
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

/// Between ranks 0 and 1, from so many milliseconds on.
FaultSpec cut(double fromMs, std::optional<double> forMs) {
    FaultSpec fault;
    fault.kind = FaultKind::CutLink;
    fault.worker = 0;
    fault.peer = 1;
    fault.atSecond = fromMs * 1e-3;
    if (forMs) fault.forSeconds = *forMs * 1e-3;
    return fault;
}

Nanoseconds sinceTheStart() {
    static const Nanoseconds start = steadyNow();
    return steadyNow() - start;
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

    // What becomes of links: by the settings, or because somebody clicks.

    void undamagedLinks_areLeftAlone() {
        FaultPlan plan({});
        Shaper shaper({}, 2, 1, Rank{0});
        QVERIFY(!shaper.acts());
        shaper.feel(plan);
        QVERIFY(!shaper.acts());
        plan.add({.kind = FaultKind::Slow, .worker = 1, .atSecond = 0});
        QVERIFY(!shaper.acts());
        plan.add(cut(0, 10));
        QVERIFY(shaper.acts());
    }

    void messageOnACutLink_leavesWhenItIsThereAgain() {
        const FaultPlan plan({cut(1, 9)});
        Shaper sender({}, 3, 1, Rank{0});
        sender.feel(plan);
        QCOMPARE(sender.depart(Rank{1}, 1000, kMs / 2).begin, kMs / 2);
        QCOMPARE(sender.depart(Rank{1}, 1000, 5 * kMs).begin, 10 * kMs);
        QCOMPARE(sender.depart(Rank{2}, 1000, 5 * kMs).begin, 5 * kMs);  // another link
    }

    void receiverThatKnowsMore_holdsTheMessageUp() {
        const FaultPlan plan({cut(1, 9)});
        const auto card = std::make_shared<Shaper>(std::nullopt, 2, 1, Rank{1});
        card->feel(plan);
        ShapedArrivals arrivals(card);
        QVERIFY(arrivals.add(message(0, 1000, 5 * kMs)));
        std::vector<std::pair<Nanoseconds, Nanoseconds>> times;
        while (const auto next = arrivals.next())
            arrivals.release(*next,
                             [&](Arrived one) { times.emplace_back(Nanoseconds(one.header.begin), one.at); });
        QCOMPARE(times, (std::vector<std::pair<Nanoseconds, Nanoseconds>>{{10 * kMs, 10 * kMs}}));
    }

    void degradedLink_takesSoManyTimesAsLong() {
        FaultSpec slow = cut(0, {});
        slow.kind = FaultKind::DegradeLink;
        slow.factor = 3;
        const FaultPlan plan({slow});
        Shaper sender(cluster(500, 8), 2, 1, Rank{0});
        sender.feel(plan);
        QCOMPARE(sender.depart(Rank{1}, 1'000'000, kMs).freed, 4 * kMs);
        const auto card = std::make_shared<Shaper>(cluster(500, 8), 2, 1, Rank{1});
        card->feel(plan);
        ShapedArrivals arrivals(card);
        arrivals.add(message(0, 1'000'000, kMs));
        // 3 · (0.5 ms + 1 ms) later.
        QCOMPARE(playOut(arrivals), (std::vector<std::pair<int, Nanoseconds>>{{0, kMs * 11 / 2}}));
    }

    void linkCutForGood_losesWhatIsSent() {
        const FaultPlan plan({cut(1, {})});
        const auto card = std::make_shared<Shaper>(std::nullopt, 2, 1, Rank{1});
        card->feel(plan);
        QVERIFY(!card->depart(Rank{0}, 10, kMs / 2).lost);
        QVERIFY(card->depart(Rank{0}, 10, 2 * kMs).lost);
        ShapedArrivals arrivals(card);
        QVERIFY(!arrivals.add(message(0, 10, 2 * kMs)));
        QVERIFY(arrivals.empty());
        QVERIFY(card->cutOff(Rank{0}, Rank{1}, 2 * kMs) && !card->cutOff(Rank{0}, Rank{1}, kMs / 2));
    }

    void realLink_isCutForAWhile() {
        // Only rank 1 knows of it.
        FaultPlan plan({cut(0, 400)});
        const auto world = makeWsWorld(2, [](net::WorldPlan& made) { made.now = sinceTheStart; });
        world->network(1).feel(plan);
        struct Watch final : DeliveryObserver {
            std::vector<Delivery> all;
            void delivered(const Delivery& delivery) override { all.push_back(delivery); }
        } watch[2];
        for (int rank : {0, 1}) world->network(rank).observe(Lane::Compute, &watch[rank]);
        onEveryRank(2, [&](int rank) {
            const std::vector<float> values(100, static_cast<float>(rank));
            const Rank other{1 - rank};
            Communicator& comm = world->network(rank).communicator(Lane::Compute);
            for (int i = 0; i < 2; ++i)
                sendReceive(comm, other, parcelOf(values, 1), other, 1, [](ReceivedBytes) {});
        });
        for (const Watch& one : watch) {
            QCOMPARE(one.all.size(), 2u);
            for (const Delivery& delivery : one.all) {
                QVERIFY(delivery.begin >= 400 * kMs);
                QVERIFY(delivery.end >= delivery.begin);
            }
        }
    }

    void realLinkCutForGood_endsWhoWaits_data() {
        QTest::addColumn<bool>("sends");
        QTest::newRow("for a message") << false;
        QTest::newRow("for its own to be taken") << true;
    }
    void realLinkCutForGood_endsWhoWaits() {
        QFETCH(bool, sends);
        FaultPlan plan({});
        const auto world = makeWsWorld(2, [](net::WorldPlan& made) { made.now = sinceTheStart; });
        world->network(1).feel(plan);
        Communicator& comm = world->network(1).communicator(Lane::Compute);
        if (sends) plan.add(cut(0, {}));
        // Somebody cuts it while it waits.
        std::thread somebody([&] {
            if (!sends) plan.add(cut(0, {}));
        });
        try {
            const std::vector<float> values(100);
            if (sends)
                send(comm, Rank{0}, parcelOf(values, 1));
            else
                comm.receive(Rank{0}, 1, [](ReceivedBytes) {});
            QFAIL("there is no link");
        } catch (const CommError& error) {
            QCOMPARE(error.kind(), CommError::Kind::PeerGone);
            QVERIFY2(QString(error.what()).contains("cut for good"), error.what());
        }
        somebody.join();
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
