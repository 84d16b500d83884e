// The conformance suite over WebSockets on loopback, and what is special about them.
#include <QtTest>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>

#include "tests/support/communicator_conformance.h"
#include "tests/support/middleman.h"
#include "tests/support/ws_world.h"

using namespace rondo;
using namespace rondo::test;
namespace asio = boost::asio;

std::vector<QByteArray> rondo::test::kindsOfWorlds() {
    return {"websocket", "encrypted"};
}
std::unique_ptr<WorldUnderTest> rondo::test::makeWorld(const QString& kind, int size) {
    return makeWsWorld(
        size, [](net::WorldPlan&) {}, kind == "encrypted" ? Wire::Encrypted : Wire::Plain);
}

namespace {

CommError errorIn(const std::function<void()>& action) {
    try {
        action();
    } catch (const CommError& error) {
        return error;
    }
    throw std::runtime_error("nothing was thrown");
}

/// Whoever comes in and is no rank.
class Stranger {
  public:
    explicit Stranger(std::uint16_t port) { socket_.connect({asio::ip::address_v4::loopback(), port}); }
    void say(const std::string& text) {
        boost::system::error_code ignored;
        asio::write(socket_, asio::buffer(text), ignored);
    }
    /// All that is said until the other side closes.
    std::string hearAll() {
        std::string all;
        boost::system::error_code ended;
        asio::read(socket_, asio::dynamic_buffer(all), ended);
        return all;
    }

  private:
    asio::io_context context_;
    asio::ip::tcp::socket socket_{context_};
};

const std::string kUpgrade =
    "GET /rondo/1/peer HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

}  // namespace

class TestWsNetwork : public CommunicatorConformance {
    Q_OBJECT
  private Q_SLOTS:
    void bothLanes_areWorldsOfTheirOwn() {
        const auto world = makeWsWorld(3, [](net::WorldPlan& plan) {
            plan.lanes = {Lane::Compute, Lane::Communication};
        });
        std::vector<float> sums(6);
        onEveryRank(3, [&](int rank) {
            std::thread other([&] {
                std::vector<float> values{10};
                ringAllReduce(world->network(rank).communicator(Lane::Communication), values);
                sums[static_cast<std::size_t>(rank + 3)] = values[0];
            });
            std::vector<float> values{1};
            ringAllReduce(world->network(rank).communicator(Lane::Compute), values);
            sums[static_cast<std::size_t>(rank)] = values[0];
            other.join();
        });
        QCOMPARE(sums, (std::vector<float>{3, 3, 3, 30, 30, 30}));
    }

    void whatWasSentBeforeARankLeft_isStillDelivered_data() {
        QTest::addColumn<bool>("killed");
        QTest::addColumn<bool>("encrypted");
        QTest::newRow("it left") << false << false;
        QTest::newRow("its process ended") << true << false;
        QTest::newRow("it left, encrypted") << false << true;
        QTest::newRow("its process ended, encrypted") << true << true;
    }
    void whatWasSentBeforeARankLeft_isStillDelivered() {
        QFETCH(bool, killed);
        QFETCH(bool, encrypted);
        const auto world = makeWsWorld(
            2, [](net::WorldPlan&) {}, encrypted ? Wire::Encrypted : Wire::Plain);
        const std::vector<float> values(5000, 3.0f);
        send(world->network(0).communicator(Lane::Compute), Rank{1}, parcelOf(values, 1));
        if (killed)
            world->kill(0);
        else
            world->network(0).leave();
        Communicator& comm = world->network(1).communicator(Lane::Compute);
        // What is sent to it afterwards may be lost; what it has sent may not.
        try {
            for (int i = 0; i < 3; ++i) send(comm, Rank{0}, parcelOf(values, 1));
        } catch (const CommError& error) {
            QCOMPARE(error.kind(), CommError::Kind::PeerGone);
        }
        std::vector<float> got(5000);
        receiveInto(comm, Rank{0}, 1, std::as_writable_bytes(std::span(got)));
        QCOMPARE(got, values);
        const CommError error = errorIn([&] { comm.receive(Rank{0}, 1, [](ReceivedBytes) {}); });
        QCOMPARE(error.kind(), CommError::Kind::PeerGone);
        QVERIFY2(QString(error.what()).contains(killed ? "the connection broke" : "it has ended"),
                 error.what());
    }

    void killedRank_isNoticedByWhoWaitsForIt() {
        const auto world = makeWsWorld(3);
        auto waiting = std::async(std::launch::async, [&] {
            return errorIn([&] {
                world->network(0).communicator(Lane::Compute).receive(Rank{1}, 1, [](ReceivedBytes) {});
            });
        });
        world->kill(1);
        QCOMPARE(waiting.get().kind(), CommError::Kind::PeerGone);
        // The others go on.
        std::thread two([&] {
            const std::vector<float> values(10);
            send(world->network(2).communicator(Lane::Compute), Rank{0}, parcelOf(values, 1));
        });
        QCOMPARE(world->network(0).communicator(Lane::Compute).receive(Rank{2}, 1, [](ReceivedBytes) {}), 40);
        two.join();
    }

    void cancel_saysWhy() {
        const auto world = makeWsWorld(2);
        auto waiting = std::async(std::launch::async, [&] {
            return errorIn([&] {
                world->network(0).communicator(Lane::Compute).receive(Rank{1}, 1, [](ReceivedBytes) {});
            });
        });
        world->network(0).cancel("rank 1 was sent away");
        const CommError error = waiting.get();
        QCOMPARE(error.kind(), CommError::Kind::Cancelled);
        QCOMPARE(error.what(), "rank 1 was sent away");
    }

    void earlyMessages_takeBoundedRoomAndHoldTheirSenderUp() {
        const auto world = makeWsWorld(2, [](net::WorldPlan& plan) { plan.limits.early = 1'000'000; });
        std::atomic<int> sent = 0;
        std::thread sender([&] {
            Communicator& comm = world->network(0).communicator(Lane::Compute);
            const std::vector<float> values(250'000);
            try {
                for (int i = 0; i < 100; ++i) {
                    send(comm, Rank{1}, parcelOf(values, 1));
                    ++sent;
                }
            } catch (const CommError&) {
            }
        });
        Communicator& comm = world->network(1).communicator(Lane::Compute);
        const CommError error = errorIn([&] { comm.receive(Rank{0}, 2, [](ReceivedBytes) {}); });
        QCOMPARE(error.kind(), CommError::Kind::Deadlock);
        QVERIFY2(QString(error.what()).contains("used up the room"), error.what());
        QVERIFY(sent < 100);  // 100 MB don't fit into kernel and room together
        for (int i = 0; i < 100; ++i) comm.receive(Rank{0}, 1, [](ReceivedBytes) {});
        sender.join();
        QCOMPARE(sent.load(), 100);
    }

    void tooLongAMessage_isRefusedBeforeAnythingIsAllocated() {
        const auto world = makeWsWorld(2, [](net::WorldPlan& plan) { plan.limits.longestMessage = 10'000; });
        std::thread sender([&] {
            const std::vector<float> values(2501);
            try {
                send(world->network(0).communicator(Lane::Compute), Rank{1}, parcelOf(values, 1));
            } catch (const CommError&) {
            }
        });
        const CommError error = errorIn(
            [&] { world->network(1).communicator(Lane::Compute).receive(Rank{0}, 1, [](ReceivedBytes) {}); });
        sender.join();
        QCOMPARE(error.kind(), CommError::Kind::PeerGone);
        QVERIFY2(QString(error.what()).contains("10000 bytes"), error.what());
    }

    void callOfAnotherWorld_isNotTaken() {
        const auto listeners = listenersFor(2);
        std::unique_ptr<RankNetwork> ranks[2];
        onEveryRank(2, [&](int rank) {
            ranks[rank] =
                net::connectWorld(*listeners[static_cast<std::size_t>(rank)], planOf(rank, listeners));
        });
        QCOMPARE(ranks[0]->worldSize(), 2);
        // Both worlds have the same keys; only the generation differs.
        auto plan = planOf(1, listeners);
        plan.generation = 8;
        plan.deadline = std::chrono::milliseconds(300);
        const CommError error = errorIn([&] { net::connectWorld(*listeners[1], plan); });
        QCOMPARE(error.kind(), CommError::Kind::Deadline);
    }

    void wire_isPayloadHeaderAndFraming() {
        const auto world = makeWsWorld(2);
        std::thread other([&] {
            Communicator& comm = world->network(1).communicator(Lane::Compute);
            const std::vector<float> values(25);
            comm.receive(Rank{0}, 1, [](ReceivedBytes) {});
            send(comm, Rank{0}, parcelOf(values, 1));
        });
        struct Watch final : DeliveryObserver {
            std::vector<Delivery> all;
            void delivered(const Delivery& delivery) override { all.push_back(delivery); }
        } watch;
        world->network(0).observe(Lane::Compute, &watch);
        Communicator& comm = world->network(0).communicator(Lane::Compute);
        const std::vector<float> values(25);
        send(comm, Rank{1}, parcelOf(values, 1));
        comm.receive(Rank{1}, 1, [](ReceivedBytes) {});
        other.join();
        // Rank 1 has called: what it sends is masked, and 4 bytes longer.
        const auto sent = world->network(0).meter(Lane::Compute).sentTo().at(Rank{1});
        QCOMPARE(sent, (LinkTraffic{100, 100 + 48 + 4, 1}));
        QCOMPARE(world->network(1).meter(Lane::Compute).sentTo().at(Rank{0}),
                 (LinkTraffic{100, 100 + 48 + 8, 1}));
        QCOMPARE(watch.all.size(), 1u);
        QCOMPARE(watch.all[0].wireBytes, 100 + 48 + 8);
        QVERIFY(watch.all[0].begin <= watch.all[0].end);
    }

    void arrivals_areNeverToldBeforeTheirDeparture() {
        // Rank 0's clock is an hour behind.
        const auto world = makeWsWorld(2, [](net::WorldPlan& plan) {
            if (plan.rank.value == 0) plan.now = [] { return steadyNow() - std::chrono::hours(1); };
        });
        struct Watch final : DeliveryObserver {
            Delivery last;
            void delivered(const Delivery& delivery) override { last = delivery; }
        } watch;
        world->network(0).observe(Lane::Compute, &watch);
        std::thread other([&] {
            const float value = 1;
            send(world->network(1).communicator(Lane::Compute), Rank{0}, parcelOf({&value, 1}, 1));
        });
        world->network(0).communicator(Lane::Compute).receive(Rank{1}, 1, [](ReceivedBytes) {});
        other.join();
        QCOMPARE(watch.last.begin, watch.last.end);
    }

    void whoCannotBeCalled_callsBack() {
        const auto listeners = listenersFor(2);
        std::unique_ptr<net::WsNetwork> ranks[2];
        // Nobody listens where rank 0 is said to be.
        std::uint16_t nobody = 0;
        {
            const net::PeerListener closed({.address = "127.0.0.1"});
            nobody = closed.port();
        }
        onEveryRank(2, [&](int rank) {
            auto plan = planOf(rank, listeners);
            plan.reverseAfter = std::chrono::milliseconds(50);
            if (rank == 1) plan.peers[0].port = nobody;
            ranks[rank] = net::connectWorld(*listeners[static_cast<std::size_t>(rank)], plan);
        });
        QVERIFY(ranks[0]->routes().at(Rank{1}).dialled);
        QVERIFY(!ranks[1]->routes().at(Rank{0}).dialled);
        std::thread one([&] {
            std::vector<float> values{2};
            ringAllReduce(ranks[1]->communicator(Lane::Compute), values);
        });
        std::vector<float> values{1};
        ringAllReduce(ranks[0]->communicator(Lane::Compute), values);
        one.join();
        QCOMPARE(values[0], 3.0f);
    }

    void whoCalledBeforeTheWorldWasKnown_waitsForIt() {
        const auto listeners = listenersFor(2);
        auto early = std::async(std::launch::async,
                                [&] { return net::connectWorld(*listeners[1], planOf(1, listeners)); });
        QTRY_COMPARE(listeners[0]->counts().unproven, 1u);
        auto late = net::connectWorld(*listeners[0], planOf(0, listeners));
        QCOMPARE(early.get()->routes().size(), 1u);
        QCOMPARE(late->routes().at(Rank{1}).dialled, false);
        QCOMPARE(listeners[0]->counts().refused, 0u);
    }

    void missingPeer_isNamedWithTheReason() {
        auto listeners = listenersFor(2);
        auto plan = planOf(1, listeners);
        listeners[0].reset();
        plan.deadline = std::chrono::milliseconds(300);
        const CommError error = errorIn([&] { net::connectWorld(*listeners[1], plan); });
        QCOMPARE(error.kind(), CommError::Kind::Deadline);
        QVERIFY2(QString(error.what()).contains("rank 0") && QString(error.what()).contains("refused"),
                 error.what());
    }

    void stop_endsConnecting() {
        const auto listeners = listenersFor(2);
        std::stop_source stop;
        auto plan = planOf(1, listeners);
        plan.stop = stop.get_token();
        auto connecting = std::async(
            std::launch::async, [&] { return errorIn([&] { net::connectWorld(*listeners[1], plan); }); });
        stop.request_stop();
        QCOMPARE(connecting.get().kind(), CommError::Kind::Cancelled);
    }

    void wrongKey_connectsNobody() {
        const auto listeners = listenersFor(2);
        std::vector<CommError::Kind> kinds(2);
        onEveryRank(2, [&](int rank) {
            auto plan = planOf(rank, listeners);
            plan.deadline = std::chrono::milliseconds(500);
            if (rank == 1) plan.peers[0].key[5] = '!';
            kinds[static_cast<std::size_t>(rank)] =
                errorIn([&] { net::connectWorld(*listeners[static_cast<std::size_t>(rank)], plan); }).kind();
        });
        QCOMPARE(kinds[0], CommError::Kind::Deadline);
        QCOMPARE(kinds[1], CommError::Kind::Deadline);
        QVERIFY(listeners[0]->counts().refused > 0);
    }

    void whoListensOnTheWay_readsNothingOfEncryptedRanks_data() {
        QTest::addColumn<bool>("encrypted");
        QTest::newRow("plain: it reads all") << false;
        QTest::newRow("encrypted") << true;
    }
    void whoListensOnTheWay_readsNothingOfEncryptedRanks() {
        QFETCH(bool, encrypted);
        const auto listeners = listenersFor(2, encrypted ? Wire::Encrypted : Wire::Plain);
        const net::test::Middleman eve(listeners[0]->port(), net::test::Middleman::Does::Listens);
        std::unique_ptr<RankNetwork> ranks[2];
        onEveryRank(2, [&](int rank) {
            auto plan = planOf(rank, listeners);
            if (rank == 1) plan.peers[0].port = eve.port();
            ranks[rank] = net::connectWorld(*listeners[static_cast<std::size_t>(rank)], plan);
        });
        // From the one that was called: nothing is masked that way.
        const std::string secret(400, 's');
        std::thread sender([&] {
            Parcel parcel;
            parcel.bytes = std::as_bytes(std::span(secret));
            parcel.payloadBytes = static_cast<std::int64_t>(secret.size());
            parcel.tag = 1;
            send(ranks[0]->communicator(Lane::Compute), Rank{1}, parcel);
        });
        std::string got(secret.size(), ' ');
        receiveInto(ranks[1]->communicator(Lane::Compute), Rank{0}, 1,
                    std::as_writable_bytes(std::span(got)));
        sender.join();
        QCOMPARE(got, secret);
        const std::string read = eve.read();
        QVERIFY(read.size() > secret.size());
        QCOMPARE(read.find(secret) == std::string::npos, encrypted);
        QCOMPARE(read.find("rondo.p1") == std::string::npos, encrypted);
    }

    void manInTheMiddle_isNotTakenForAPeer() {
        const auto listeners = listenersFor(2, Wire::Encrypted);
        const net::test::Middleman eve(listeners[0]->port(), net::test::Middleman::Does::OpensTls);
        std::vector<CommError::Kind> kinds(2);
        onEveryRank(2, [&](int rank) {
            auto plan = planOf(rank, listeners);
            plan.deadline = std::chrono::milliseconds(700);
            plan.reverseAfter = std::chrono::hours(1);
            if (rank == 1) plan.peers[0].port = eve.port();
            kinds[static_cast<std::size_t>(rank)] =
                errorIn([&] { net::connectWorld(*listeners[static_cast<std::size_t>(rank)], plan); }).kind();
        });
        QCOMPARE(kinds, (std::vector{CommError::Kind::Deadline, CommError::Kind::Deadline}));
        // It did get as far as to the proof, which is one of another certificate.
        QVERIFY(QString::fromStdString(eve.read()).contains("rondo.p1"));
        QVERIFY(listeners[0]->counts().refused > 0);
    }

    void withoutEncryption_nobodyIsTakenWhereItBelongs() {
        const auto secure = listenersFor(2, Wire::Encrypted), plain = listenersFor(2);
        std::vector<CommError::Kind> kinds(2);
        onEveryRank(2, [&](int rank) {
            const auto own = static_cast<std::size_t>(rank);
            auto plan = planOf(rank, rank == 0 ? plain : secure);
            plan.deadline = std::chrono::milliseconds(500);
            kinds[own] = errorIn([&] { net::connectWorld(rank == 0 ? *secure[0] : *plain[1], plan); }).kind();
        });
        QCOMPARE(kinds, (std::vector{CommError::Kind::Deadline, CommError::Kind::Deadline}));
    }

    void strangers_areClosedAndCounted_data() {
        QTest::addColumn<QByteArray>("said");
        QTest::addColumn<bool>("secure");
        const auto row = [](const char* name, const QByteArray& said, bool secure = false) {
            QTest::newRow(name) << said << secure;
        };
        row("nothing", {});
        row("not HTTP", QByteArray(3000, 'x') + "\r\n\r\n");
        row("endless header", "GET /rondo/1/peer HTTP/1.1\r\nHost: " + QByteArray(100'000, 'x'));
        row("another path", "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        const QByteArray upgrade = QByteArray::fromStdString(kUpgrade);
        row("upgrade and nothing", upgrade);
        row("unmasked frame", upgrade + QByteArray("\x82\x01x", 3));
        row("text", upgrade + QByteArray("\x81\x81\0\0\0\0x", 7));
        row("four gigabytes", upgrade + QByteArray("\x82\xff\0\0\0\1\0\0\0\0\0\0\0\0", 14));
        row("a hello of zeros", upgrade + QByteArray("\x82\xd0\0\0\0\0", 6) + QByteArray(80, '\0'));
        row("secure: nothing", {}, true);
        row("secure: plain HTTP", upgrade, true);
        row("secure: half a hello of TLS", QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01", 8), true);
        row("secure: a TLS record of 64 KB", QByteArray("\x16\x03\x01\xff\xff", 5) + QByteArray(70'000, 'x'),
            true);
    }
    void strangers_areClosedAndCounted() {
        QFETCH(QByteArray, said);
        QFETCH(bool, secure);
        std::string why;
        net::PeerListener listener({.address = "127.0.0.1",
                                    .secure = secure,
                                    .deadline = std::chrono::milliseconds(200),
                                    .log = [&](const std::string& line) { why = line; }});
        {
            Stranger stranger(listener.port());
            stranger.say(said.toStdString());
            const std::string answer = stranger.hearAll();
            // No more than the protocol's own name and a nonce; no rank, no world.
            QVERIFY2(answer.size() < 400, answer.c_str());
        }
        QTRY_COMPARE(listener.counts().refused, 1u);
        QTRY_COMPARE(listener.counts().unproven, 0u);
        QVERIFY2(QString::fromStdString(why).contains("refused: "), why.c_str());
    }

    void aThousandHalfOpenConnections_keepNobodyOut() {
        auto listeners = listenersFor(2);
        listeners[0] = std::make_unique<net::PeerListener>(
            net::PeerListener::Options{.address = "127.0.0.1", .mostUnproven = 64});
        std::vector<std::unique_ptr<Stranger>> strangers;
        for (int i = 0; i < 400; ++i) strangers.push_back(std::make_unique<Stranger>(listeners[0]->port()));
        QTRY_COMPARE(listeners[0]->counts().called, 400u);
        QVERIFY(listeners[0]->counts().unproven <= 65);
        std::unique_ptr<RankNetwork> ranks[2];
        onEveryRank(2, [&](int rank) {
            ranks[rank] =
                net::connectWorld(*listeners[static_cast<std::size_t>(rank)], planOf(rank, listeners));
        });
        QVERIFY(ranks[0] && ranks[1]);
    }

    void keysAndPeers_areCheckedFirst() {
        const auto listeners = listenersFor(3);
        auto plan = planOf(1, listeners);
        plan.peers[0].key.pop_back();
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, net::connectWorld(*listeners[1], plan));
        plan = planOf(1, listeners);
        plan.peers.pop_back();
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, net::connectWorld(*listeners[1], plan));
        plan = planOf(1, listeners);
        plan.peers[1].rank = plan.peers[0].rank;
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, net::connectWorld(*listeners[1], plan));
    }
};

QTEST_GUILESS_MAIN(TestWsNetwork)
#include "tests/support/moc_communicator_conformance.cpp"
#include "tst_ws_network.moc"
